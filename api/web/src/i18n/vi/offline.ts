import type { Group } from "../group";

const words = {
  title: "Giữ trên điện thoại này",
  keep: (size: string) => `Giữ trên điện thoại này (${size})`,
  hint: "Trang chiếu và tiếng nằm sẵn trên máy: xem được cả khi mất sóng, xem lại không tốn thêm dung lượng mạng.",
  fetching: (have: string, all: string) => `Đang tải về: ${have} trên ${all}.`,
  stop: "Tạm dừng",
  paused: (have: string, all: string) => `Đã có ${have} trên ${all}.`,
  cut: (have: string, all: string) => `Mất kết nối khi đã có ${have} trên ${all}. Có mạng sẽ tự tải tiếp từ chỗ đó.`,
  goOn: "Tải tiếp",
  whole: (size: string, day: string) =>
    `Đã giữ trên điện thoại này (${size}). Xem được khi không có mạng đến hết ${day}.`,
  renewed: "Mỗi lần có mạng, hạn này tự dời thêm 14 ngày.",
  remove: "Xóa khỏi điện thoại",
  removed: (size: string) => `Đã xóa, trả lại ${size} cho điện thoại.`,
  noRoom: (needed: string, free: string) =>
    `Điện thoại chỉ còn ${free} cho trang này, cần ${needed}. Hãy xóa bớt ảnh, video hoặc bản ghi đã giữ rồi thử lại.`,
  impossible: "Trình duyệt này không giữ được bản ghi trên máy. Bạn vẫn xem được khi có mạng.",
  pieceWrong: "Bản ghi vừa được làm lại trên máy chủ. Hãy xóa phần đã tải rồi tải lại.",
  watching: "Đang xem từ điện thoại, không cần mạng. Phần đã xem được ký và giữ trên máy, có mạng sẽ tự gửi.",
  leaving: {
    title: "Còn phần chưa gửi được",
    undelivered: (n: number) =>
      `Chưa có mạng nên còn ${n} mục chưa gửi. Nếu đăng xuất bây giờ, các mục này nằm lại trên máy và chỉ gửi đi khi bạn đăng nhập lại ở đây.`,
    again: "Gửi lại",
    anyway: "Đăng xuất, gửi sau",
    stay: "Ở lại",
  },
};

export const offline: Group<typeof words> = { name: "offline", words };
