import type { Group } from "../group";

const words = {
  watchModes: { slides: "Trang chiếu và tiếng", video: "Video" },
  watchModeHints: {
    slides: "Nhẹ nhất, nghe rõ cả khi mạng yếu.",
    video: "Thấy người nói, cần mạng khỏe hơn. Mức hình tự chọn theo mạng, đổi được khi đang xem:",
  },
  rungNames: { a360: "Rất nhẹ", v360: "Nhẹ", v480: "Rõ", a720: "Rất rõ", copy: "Như bản gốc" },
  rung: (name: string, lines: number | null, size: string) =>
    `${[name, lines && `${lines} dòng`].filter(Boolean).join(" ")} · ${size}`,
  videoCost: (least: string, most: string) => (least === most ? `khoảng ${least}` : `khoảng ${least} đến ${most}`),
  missed: {
    title: "Buổi tôi đã vắng",
    lead: "Xem lại đủ thì được công nhận tham gia.",
    none: "Bạn không còn buổi nào phải xem lại",
    noneHint: "Khi bạn vắng một hội nghị và có bản xem lại, buổi đó sẽ hiện ở đây.",
    watch: "Xem",
    others: "Các bản xem lại khác",
    watchedOf: (watched: string, whole: string) => `Đã xem ${watched} trên ${whole}.`,
    lasts: (whole: string) => `Dài ${whole}.`,
    about: (size: string) => `khoảng ${size}`,
    until: (day: string, days: number) => `Hạn ${day}, còn ${days} ngày`,
    untilMoment: (moment: string) => `Hạn ${moment}`,
    late: (day: string) => `Đã quá hạn ${day}`,
  },
  credits: {
    title: "Công nhận của tôi",
    lead: "Các hội nghị bạn được triệu tập, và vì sao đã hay chưa được công nhận.",
    none: "Chưa có hội nghị nào",
    noneHint: "Khi bạn được triệu tập dự một hội nghị, kết quả sẽ hiện ở đây.",
    granted: (moment: string) => `Được công nhận lúc ${moment}.`,
    ahead: "Sắp diễn ra",
    makeUp: "Xem lại để được công nhận",
  },
};

export const member: Group<typeof words> = { name: "member", words };
