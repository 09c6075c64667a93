import type { Group } from "../group";

const words = {
  participation: {
    title: "Kết quả tham gia",
    home: "Kết quả tham gia",
    rolls: "Danh sách và tài khoản",
    homeLead: "Chọn một hội nghị để xem kết quả theo đơn vị.",
    target: (percent: string) => `Chỉ tiêu ${percent}, vạch đứng trên mỗi thanh.`,
    columns: {
      expected: "Triệu tập",
      exempt: "Được miễn",
      live: "Trực tiếp",
      replay: "Xem lại",
      group: "Tập trung",
      credited: "Công nhận",
      rate: "Tỷ lệ",
    },
    people: "Danh sách",
    total: "Cộng",
    itself: "trực thuộc",
    met: "đạt",
    notMet: "chưa đạt",
    noRate: "không tính",
    up: "Quay lại",
    csv: "Tải bảng CSV",
    nobody: "Chưa có ai được triệu tập",
    nobodyHint: "Hãy lập danh sách triệu tập, tỷ lệ tính trên danh sách đó.",
    openConference: "Trang hội nghị",
    close: "Chốt số liệu",
    closeSure: "Chốt số liệu của hội nghị này? Sau khi chốt, sửa số đại biểu phải ghi lý do.",
  },
  summons: {
    title: "Triệu tập",
    add: "Triệu tập thêm",
    unit: "Đơn vị",
    unitHint: "Gồm mọi người của đơn vị và các đơn vị trực thuộc. Chọn được nhiều đơn vị.",
    categories: "Chỉ những diện này",
    categoriesHint:
      "Cách nhau bằng dấu phẩy, như trong danh sách đã nhập; để trống là tất cả. Ai đang được miễn thì vào danh sách kèm lý do.",
    late: "Bổ sung muộn",
    submit: "Triệu tập các đơn vị đã chọn",
    added: (added: string, total: string) => `Đã thêm ${added} người. Tổng cộng ${total} người được triệu tập.`,
    who: "Những người được triệu tập",
    count: (n: string) => `${n} người`,
    exempt: "Được miễn",
    nobody: "Chưa có ai được triệu tập",
    nobodyHint: "Chọn đơn vị ở trên để lập danh sách.",
  },
};

export const staff: Group<typeof words> = { name: "staff", words };
