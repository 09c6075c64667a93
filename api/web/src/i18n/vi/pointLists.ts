import type { Group } from "../group";

const words = {
  many: {
    title: "Thêm nhiều điểm cầu cùng lúc",
    from: "Lấy từ đâu?",
    last: "Hội nghị lần trước",
    unit: "Cả một đơn vị",
    file: "Tệp danh sách",
    within: "Đơn vị và mọi cấp dưới",
    fileHint:
      "Tệp XLSX hoặc CSV có cột “Đơn vị” và “Điểm cầu”. Có thể thêm: địa chỉ, số chỗ, dự kiến, nhận tín hiệu từ.",
    choose: "Chọn tệp danh sách",
    look: "Xem trước",
    found: (n: string) => `${n} điểm cầu trong danh sách`,
    submit: (n: string) => `Thêm ${n} điểm cầu`,
    nothing: "Không có điểm cầu nào thêm được",
    added: (n: string) => `Đã thêm ${n} điểm cầu.`,
    firstShown: (n: string) => `Danh sách dưới đây chỉ hiện ${n} dòng đầu.`,
    row: (n: string) => `dòng ${n}`,
    fates: {
      joins: "Sẽ tham gia",
      registered: "Sẽ đăng ký mới và tham gia",
      already: "Đã tham gia rồi",
      busy: "Phòng bận hội nghị khác cùng giờ",
      twice: "Ghi hai lần trong danh sách",
      "unit-unknown": "Không tìm thấy đơn vị này",
      "unit-unclear": "Nhiều đơn vị trùng tên, hãy ghi mã",
      "not-yours": "Ngoài phạm vi được giao cho bạn",
      wrong: "Số ghi không đúng",
    },
  },
  relays: {
    title: "Điểm cầu chuyển tiếp",
    lead: "Điểm cầu tỉnh nhận tín hiệu rồi chuyển tiếp xuống các điểm cầu xã.",
    source: "Nhận thẳng từ nguồn",
    reaches: (n: string) => `${n} điểm cầu`,
    byTree: "Nối theo cây đơn vị",
    changed: (n: string) => `Đã nối lại ${n} điểm cầu.`,
  },
  reached: {
    measured: "Tốc độ đo được (Mbit/s)",
    backup: "Đường dự phòng",
    backupHint: "Ví dụ: 4G, hoặc cáp của nhà mạng khác",
    video: "Địa chỉ trong hệ thống hội nghị truyền hình",
    phone: "Điện thoại của phòng",
    speed: (n: string) => `đo được ${n} Mbit/s`,
    backupLine: (line: string) => `dự phòng ${line}`,
  },
};

export const pointLists: Group<typeof words> = { name: "pointLists", words };
