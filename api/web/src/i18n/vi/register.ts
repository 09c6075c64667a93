import type { Group } from "../group";

const words = {
  which: "Phòng nào?",
  inUse: "Đang dùng",
  retired: "Ngừng dùng",
  noneRetired: "Chưa có điểm cầu nào ngừng dùng",
  change: {
    title: "Sửa điểm cầu",
    technicianHint: "Người mới phụ trách luôn các hội nghị chưa bắt đầu. Hội nghị đã bắt đầu giữ người cũ.",
    submit: "Lưu thay đổi",
    saved: "Đã lưu thay đổi.",
    seeNew: "Xem bản mới",
  },
  retire: {
    title: "Ngừng dùng",
    lead: "Điểm cầu sẽ không còn trong danh sách để chọn. Các hội nghị đã qua vẫn giữ nguyên. Có thể đưa vào dùng lại.",
    submit: "Ngừng dùng",
    sure: (name: string) => `Ngừng dùng điểm cầu “${name}”?`,
    since: (moment: string) => `Điểm cầu này đã ngừng dùng từ ${moment}.`,
    bringBack: "Đưa vào dùng lại",
  },
  busy: {
    isRight: "Đúng, vẫn thêm",
    leaveOut: "Bỏ chọn phòng đó",
  },
};

export const register: Group<typeof words> = { name: "register", words };
