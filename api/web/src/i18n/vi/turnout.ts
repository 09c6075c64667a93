import type { Group } from "../group";

const words = {
  turnout: {
    title: "Số đại biểu đã đếm",
    lead: "Cộng trên các điểm cầu đã đếm. Đông nhất và trung vị lấy ở từng điểm cầu rồi cộng lại.",
    part: "Phần",
    peak: "Đông nhất",
    median: "Trung vị",
    silent: "Điểm cầu chưa đếm lần nào",
    uncounted: (points: string) => `${points} điểm cầu chưa đếm`,
    whole: "Cả hội nghị",
    nothing: "Chưa điểm cầu nào gửi số đại biểu.",
  },
};

export const turnout: Group<typeof words> = { name: "turnout", words };
