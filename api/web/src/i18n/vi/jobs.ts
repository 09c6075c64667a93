import type { Group } from "../group";

const words = {
  stages: {
    waiting: "Đang chờ đến lượt",
    scan: "Đang kiểm duyệt mật",
    look: "Đang xem trước hình ảnh",
    speech: "Đang tách tiếng nói",
    chunk: "Đang nén video",
    package: "Đang đóng gói và kiểm tra video",
    pages: "Đang tách trang chiếu",
    timeline: "Đang dò thời điểm chuyển trang",
    refine: "Đang dò kỹ thời điểm chuyển trang",
    extract: "Đang lấy trang chiếu từ hình",
  },
  rungStates: { waiting: "chờ", running: "đang làm", done: "xong", failed: "lỗi" },
  rungNames: {
    speech: "Bản nghe",
    slides: "Trang chiếu",
    pages: "Trang chiếu",
    video: "Video",
    a360: "Video rất nhẹ",
    v360: "Video nhẹ",
    v480: "Video rõ",
    a720: "Video rất rõ",
    copy: "Video như bản gốc",
  },
  jobs: {
    rungs: "Các mức",
    firstLook: (when: string) => `bản nghe + trang chiếu: ${when}`,
    complete: (when: string) => `đủ các mức: ${when}`,
    deckReady: (when: string) => `xong: ${when}`,
    unknown: "Chưa rõ khi nào xong",
    speed: (times: string) => `nhanh gấp ${times} lần thời gian thật`,
    soon: "dưới 1 phút nữa",
    inMinutes: (n: number) => `${n} phút nữa`,
    stop: "Dừng phần còn lại",
    stopSure: "Dừng phần còn lại? Những mức đã xong vẫn giữ nguyên; muốn làm tiếp thì bấm xử lý lại.",
  },
  queue: {
    title: "Hàng đợi xử lý",
    lead: (workers: number) => `Theo thứ tự sẽ làm; máy chủ làm ${workers} việc cùng lúc. Trang này tự cập nhật.`,
    empty: "Không có tệp nào đang chờ",
    emptyHint: "Tệp vừa tải lên sẽ hiện ở đây cho đến khi xử lý xong.",
    another: "Một tệp khác",
    anotherHint: "Thuộc hội nghị ngoài phạm vi của bạn.",
    failed: "Có phần bị lỗi",
    failedHint: "Phần đã xong vẫn dùng được. Bấm xử lý lại để làm tiếp phần lỗi.",
  },
};

export const jobs: Group<typeof words> = { name: "jobs", words };
