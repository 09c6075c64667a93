import type { Group } from "../group";

const words = {
  exemptions: {
    title: "Người được miễn",
    lead: "Miễn dự có giá trị với các hội nghị diễn ra từ ngày bắt đầu đến hết ngày kết thúc. Khi triệu tập, ai được miễn dự vào ngày họp vẫn có trong danh sách kèm lý do và không tính vào số phải dự.",
    made: "Danh sách triệu tập đã lập trước đó không tự thay đổi, cả khi miễn lẫn khi kết thúc miễn.",
    unit: "Xem người được miễn của đơn vị",
    nobody: "Không có ai đang được miễn",
    nobodyHint: "Danh sách nhập từ tệp cũng có thể ghi ai được miễn.",
    add: "Miễn cho một người",
    person: "Người được miễn",
    personMissing: "Hãy chọn người được miễn.",
    kind: "Miễn việc gì?",
    kindMissing: "Hãy chọn miễn việc gì.",
    kinds: { attending: "Miễn dự", reflection: "Miễn bài thu hoạch" },
    kindHints: { attending: "Không phải dự, không phải xem lại.", reflection: "Vẫn dự, không phải viết bài." },
    held: (kind: string, span: string, reason: string) => `Đã có: ${kind.toLowerCase()}, ${span}. Lý do: ${reason}`,
    reason: "Lý do",
    reasonHint: "Ghi ngắn gọn, sẽ hiện cạnh tên trong danh sách triệu tập. Ví dụ: tuổi cao, sức khỏe yếu.",
    reasonMissing: "Hãy ghi lý do.",
    from: "Ngày bắt đầu",
    to: "Ngày kết thúc",
    toHint: "Ngày cuối cùng còn được miễn. Để trống nếu chưa định trước.",
    submit: "Ghi miễn",
    granted: (name: string) => `Đã ghi miễn cho ${name}.`,
    span: (from: string, to: string | null) =>
      to ? `từ ${from} đến hết ${to}` : `từ ${from}, chưa định ngày kết thúc`,
    end: "Kết thúc",
    endOf: (name: string) => `Kết thúc miễn cho ${name}`,
    lastDay: "Ngày cuối cùng còn được miễn",
    keep: "Thôi",
    confirm: "Kết thúc sau ngày này",
  },
};

export const exemptions: Group<typeof words> = { name: "exemptions", words };
