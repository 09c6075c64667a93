import type { Group } from "../group";

const words = {
  calledOff: {
    at: (moment: string) => `Hội nghị đã hủy lúc ${moment}.`,
    reason: (reason: string) => `Lý do: ${reason}`,
    noRate: "Không ai phải dự nên không tính tỷ lệ, và không ai bị coi là vắng.",
  },
};

export const calledOff: Group<typeof words> = { name: "calledOff", words };
