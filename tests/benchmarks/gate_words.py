"""What the decks and clips of the labelled set say. Written for the set alone: nothing here comes from the detector."""

#: Pages of ordinary conferences: a heading and its points.
ORDINARY = (
    (
        "Kết quả phát triển kinh tế - xã hội 9 tháng",
        (
            "Tổng sản phẩm trên địa bàn tăng 7,4 % so với cùng kỳ",
            "Thu ngân sách đạt 82 % dự toán giao",
            "Giải ngân vốn đầu tư công còn chậm ở ba huyện cũ",
        ),
    ),
    (
        "Nhiệm vụ trọng tâm quý IV",
        (
            "Hoàn thành sắp xếp bộ máy cấp xã trước 15/11",
            "Kiểm tra, giám sát việc thực hiện nghị quyết",
            "Chuẩn bị tổng kết năm và bình xét thi đua",
        ),
    ),
    (
        "Chuyển đổi số trong công tác đảng",
        (
            "100 % chi bộ dùng sổ tay đảng viên điện tử",
            "Họp trực tuyến tới từng điểm cầu cấp xã",
            "Tập huấn kỹ thuật viên về đường truyền và âm thanh",
        ),
    ),
    (
        "Học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh",
        (
            "Mỗi chi bộ đăng ký một việc làm cụ thể",
            "Biểu dương 46 tập thể, 112 cá nhân",
            "Lồng ghép trong sinh hoạt chuyên đề hằng quý",
        ),
    ),
    (
        "Ban Chấp hành Đảng bộ tỉnh khóa XV",
        (
            "Hội nghị lần thứ bảy, ngày 22 tháng 11 năm 2026",
            "Quán triệt nghị quyết của Trung ương",
            "145 điểm cầu, 11.873 đại biểu tham dự",
        ),
    ),
    (
        "Phòng, chống thiên tai mùa mưa lũ",
        (
            "Di dời 312 hộ khỏi vùng nguy cơ sạt lở",
            "Bố trí lực lượng trực 24/24 giờ",
            "Khôi phục giao thông tuyến tỉnh lộ 127",
        ),
    ),
)

#: Pages that speak about state secrets and classification, as lessons do.
LESSONS = (
    (
        "Luật Bảo vệ bí mật nhà nước năm 2018",
        (
            "Bí mật nhà nước là thông tin có nội dung quan trọng chưa công khai",
            "Tài liệu có độ mật phải được quản lý, sử dụng đúng quy định",
            "Nghiêm cấm làm lộ, chiếm đoạt, mua bán bí mật nhà nước",
        ),
    ),
    ("Phân loại bí mật nhà nước", ("Tuyệt mật", "Tối mật", "Mật")),
    (
        "Ba cấp độ bảo vệ",
        (
            "Tuyệt mật: nếu bị lộ có thể gây nguy hại đặc biệt nghiêm trọng",
            "Tối mật: gây nguy hại rất nghiêm trọng",
            "Mật: gây nguy hại nghiêm trọng đến lợi ích quốc gia",
        ),
    ),
    (
        "Quy trình xử lý văn bản mật",
        (
            "Dấu MẬT được đóng ở phía trên bên trái văn bản",
            "Sổ đăng ký văn bản mật đi và đến",
            "Việc giải mật do người đứng đầu cơ quan quyết định",
        ),
    ),
    (
        "Trách nhiệm của cán bộ, đảng viên",
        (
            "Không soạn thảo tài liệu mật trên máy có nối mạng Internet",
            "Cam kết bảo vệ bí mật nhà nước hằng năm",
            "Báo cáo ngay khi phát hiện lộ, mất bí mật nhà nước",
        ),
    ),
    (
        "Thời hạn bảo vệ bí mật nhà nước",
        (
            "30 năm đối với độ Tuyệt mật, 20 năm đối với độ Tối mật",
            "10 năm đối với độ Mật",
            "Thời hạn có thể ngắn hơn theo tính chất của thông tin",
        ),
    ),
    (
        "Handling of classified information",
        (
            "Levels of classification: Top Secret, Secret and Confidential",
            "Markings appear at the top and bottom of each page",
            "Unclassified material may be published after review",
        ),
    ),
    (
        "Tài liệu thu hồi được quản lý thế nào?",
        (
            "Danh mục tài liệu thu hồi sau hội nghị do văn thư lập",
            "Đại biểu ký nhận khi trả lại tài liệu thu hồi",
            "Thiếu tờ nào phải báo cáo ngay với chủ tọa",
        ),
    ),
)

#: Pages whose ordinary words hold those of markings.
LOOKALIKES = (
    (
        "Bảo mật thông tin cá nhân",
        ("Đặt mật khẩu mạnh, bật xác thực hai lớp", "Không chia sẻ mã OTP", "Mức độ bảo mật: cao"),
    ),
    (
        "MẬT ĐỘ DÂN SỐ THEO XÃ",
        ("Mật độ trung bình 52 người/km2", "Mật độ cao nhất ở phường Tân Phong", "Mật độ thấp: xã biên giới"),
    ),
    (
        "Mật ong Lai Châu đạt chuẩn OCOP",
        ("Sản lượng mật ong tăng 18 %", "Kỹ thuật quay mật, lọc mật", "Hợp tác xã nuôi ong lấy mật"),
    ),
    ("AN TOÀN, BẢO MẬT HỆ THỐNG", ("Chính sách mật khẩu", "Sao lưu hằng ngày", "Giám sát an ninh mạng")),
    (
        "Secret sharing in distributed systems",
        ("Shamir's secret sharing scheme", "A secret is split into n shares", "Any k shares restore it"),
    ),
    (
        "Restricted area signs at the airport",
        ("The restricted area begins at gate 4", "Staff badges open restricted areas", "Visitors are escorted"),
    ),
    ("Bệnh lý gan - mật - tụy", ("Sỏi túi mật gặp ở 8 % người khám", "Siêu âm đường mật", "Chế độ ăn sau mổ túi mật")),
    (
        "Điện mặt trời mái nhà",
        ("Lắp đặt trên mặt bằng trụ sở", "Giảm mất điện giờ cao điểm", "Chi trả không dùng tiền mặt"),
    ),
    (
        "Confidentiality, integrity, availability",
        ("Confidentiality keeps data from strangers", "Integrity: data is what it was", "Availability: data is there"),
    ),
    (
        "Bí mật của thành công",
        ("Kiên trì, thân mật, gần dân", "Mối quan hệ mật thiết với nhân dân", "Lắng nghe mặt trận và đoàn thể"),
    ),
)

#: What a marking says, and whether a marking in these words leaves no doubt.
VIETNAMESE = ("MẬT", "TỐI MẬT", "TUYỆT MẬT")
COMPOUND = ("TÀI LIỆU MẬT", "TÀI LIỆU THU HỒI", "Tài liệu thu hồi", "VĂN BẢN MẬT", "TÀI LIỆU TỐI MẬT")
LABELS = ("Độ mật: Mật", "Độ mật: Tối mật", "ĐỘ MẬT: TUYỆT MẬT", "Mức độ mật: Mật", "Độ mật: TỐI MẬT")
ENGLISH = ("SECRET", "TOP SECRET", "CONFIDENTIAL", "RESTRICTED", "TOP SECRET//NOFORN", "CLASSIFICATION: SECRET")

MARKED_NAMES = (
    "bao-cao_MAT.{}",
    "Báo cáo (MẬT).{}",
    "TUYET MAT - ke hoach 2026.{}",
    "[TOI MAT] de an.{}",
    "Tài liệu mật.{}",
    "ke-hoach-toi-mat.{}",
    "TOP SECRET briefing.{}",
    "SECRET_plan-v2.{}",
    "BaoCaoMAT.{}",
    "MẬT_kế hoạch diễn tập.{}",
    "tai lieu thu hoi.{}",
    "Kế hoạch tuyệt mật 2026.{}",
    "report-CONFIDENTIAL.{}",
    "bao cao (mat).{}",
)
CLEAN_NAMES = (
    "bao-cao-quy-3.{}",
    "Báo cáo 9 tháng.{}",
    "dien-mat-troi.{}",
    "mat-do-dan-so.{}",
    "Bảo mật thông tin.{}",
    "MAT TRAN TO QUOC.{}",
    "mật ong Lai Châu.{}",
    "secret-sharing.{}",
    "restricted-area.{}",
    "danh-sach-vang-mat.{}",
    "bi-mat-nha-nuoc_bai-giang.{}",
    "luat-bao-ve-bi-mat-nha-nuoc.{}",
    "HỘI NGHỊ QUÁN TRIỆT.{}",
    "khong-dung-tien-mat.{}",
    "slide_22-11-2026.{}",
    "tap-huan_ky-thuat-vien.{}",
    "ra-mat-phan-mem.{}",
)

#: Stamps and signs that are no markings.
OTHER_STAMPS = (
    "KHẨN",
    "HỎA TỐC",
    "ĐÃ DUYỆT",
    "BẢN SAO",
    "DỰ THẢO",
    "ĐẾN",
    "SAO Y",
    "THÀNH CÔNG",
    "OCOP 4 SAO",
    "DRAFT",
    "SAMPLE",
)
