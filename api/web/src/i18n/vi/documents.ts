import type { Group } from "../group";

const words = {
  list: {
    title: "Tài liệu",
    lead: "Quét mã để đọc trên điện thoại. Cần đăng nhập; mỗi người mở tài liệu được ghi nhận một lần.",
    none: "Chưa có tài liệu nào được phát hành",
    noneHint: "Bản trình chiếu đã qua kiểm duyệt và được phát hành sẽ hiện ở đây kèm mã QR.",
    pages: (n: number) => `${n} trang`,
    whole: "Cả hội nghị",
    showQr: "Hiện mã QR",
    hideQr: "Ẩn mã QR",
    codeFor: (title: string) => `Mã QR của tài liệu ${title}`,
    address: "Hoặc gõ địa chỉ:",
    read: "Đọc",
    opened: (moment: string) => `Bạn mở lần đầu ${moment}`,
    receipts: "Ai đã mở",
    conference: "Hội nghị",
    full: "Toàn màn hình",
  },
  reader: {
    title: "Tài liệu",
    page: (n: number, total: number) => `Trang ${n} trên ${total}`,
    text: "Chữ trên trang",
    logged: "Việc bạn mở tài liệu và các trang bạn xem được ghi nhận để báo cáo đơn vị.",
    seen: (n: string, total: string) => `Đã xem ${n} trên ${total} trang`,
    all: "Tài liệu của hội nghị",
  },
  receipts: {
    title: "Ai đã mở tài liệu",
    choose: "Tài liệu nào?",
    readers: (n: string) => `${n} người đã mở`,
    unit: "Đơn vị",
    expected: "Triệu tập",
    openedHead: "Đã mở",
    wholeHead: "Xem hết các trang",
    none: "Chưa có danh sách triệu tập trong các đơn vị của bạn",
    caption: "Số người đã mở tài liệu, theo đơn vị",
  },
};

export const documents: Group<typeof words> = { name: "documents", words };
