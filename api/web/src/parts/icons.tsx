/** Our own line icons on a 24-unit square. They always stand beside a word, so they are hidden from screen readers. */

const SHAPES = {
  home: "M4 11l8-7 8 7M6 9.5V20h12V9.5M10 20v-6h4v6",
  calendar: "M4 6h16v14H4zM4 10.5h16M8.5 3.5v4M15.5 3.5v4",
  room: "M3 20h18M5 20V6l7-3 7 3v14M9.5 20v-5h5v5M9 9.5h1M14 9.5h1",
  play: "M8 5.5v13l11-6.5z",
  pause: "M8 5.5v13M16 5.5v13",
  award: "M12 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM8.5 13.5L7.5 21l4.5-2.5 4.5 2.5-1-7.5M10 9l1.5 1.5L14 7.5",
  people:
    "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 4.5a3.3 3.3 0 0 1 0 6.2M18 14.5c2 .7 3.2 2.6 3.5 5.5",
  person: "M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c.6-4.3 3.5-6.5 7.5-6.5s6.9 2.2 7.5 6.5",
  chart: "M4 20h16M6.5 20v-6M11 20V9M15.5 20v-8M20 20V5",
  release: "M12 15V4M8 8l4-4 4 4M5 13v7h14v-7",
  upload: "M12 16V5M7.5 9.5L12 5l4.5 4.5M4 16v4h16v-4",
  tray: "M4 13l2.5-8h11L20 13v6.5H4zM4 13h4.5l1.5 2.5h4l1.5-2.5H20",
  tree: "M9.5 3.5h5v4h-5zM3.5 16.5h5v4h-5zM15.5 16.5h5v4h-5zM12 7.5V12M6 16.5V12h12v4.5",
  log: "M6 3.5h12v17H6zM9 8h6M9 12h6M9 16h4",
  gauge: "M4 17a8.5 8.5 0 1 1 16 0M12 15l4-5M7 20h10",
  check: "M4.5 12.5l5 5 10-11",
  cross: "M6 6l12 12M18 6L6 18",
  warning: "M12 4L2.5 20h19zM12 10v4.5M12 17.2v.3",
  info: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 11v5.5M12 7.7v.3",
  clock: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 7v5.2l3.5 2",
  plus: "M12 5v14M5 12h14",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5l5 5",
  slides: "M3.5 4.5h17v11.5h-17zM12 16v4M8 20h8M7.5 8.5h6M7.5 12h4",
  video: "M3.5 6h12v12h-12zM15.5 10.5l5-3v9l-5-3z",
  back: "M14.5 5l-7 7 7 7",
  forward: "M9.5 5l7 7-7 7",
  down: "M5 9.5l7 7 7-7",
  rewind: "M11 7L5 12l6 5zM19 7l-6 5 6 5z",
  skip: "M13 7l6 5-6 5zM5 7l6 5-6 5z",
  globe: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM3.5 12h17M12 3.5c3 3 3 14 0 17M12 3.5c-3 3-3 14 0 17",
  link: "M3 12h4M17 12h4M7 8h4v8H7zM13 8h4v8h-4M11 10.5h2M11 13.5h2",
  unlink: "M3 12h4M17 12h4M7 8h3.5v8H7zM13.5 8H17v8h-3.5M4 4l16 16",
  door: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9.5",
  file: "M6 3.5h8l4.5 4.5v12.5H6zM14 3.5V8h4.5",
  retry: "M19.5 12a7.5 7.5 0 1 1-2.5-5.6M19.5 3.5v4.3h-4.3",
  trash: "M5 7h14M9.5 7V4h5v3M7 7l1 13h8l1-13M10.5 11v5.5M13.5 11v5.5",
  backspace: "M8.5 5H21v14H8.5L2.5 12zM12 9.5l5 5M17 9.5l-5 5",
  phone: "M7.5 3h9v18h-9zM11 18h2",
  lock: "M6 11h12v9.5H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={SHAPES[name]} />
    </svg>
  );
}

/** The mark: a bridge that joins three points. The same drawing is the favicon. */
export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M5.5 22.5C9 12.5 23 12.5 26.5 22.5M16 15v7.5M10.7 17.8v4.7M21.3 17.8v4.7M4 22.5h24" />
      <circle cx="16" cy="10.5" r="2.6" />
      <circle cx="6.5" cy="16" r="1.9" />
      <circle cx="25.5" cy="16" r="1.9" />
    </svg>
  );
}
