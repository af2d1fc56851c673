import Cluster
import Testing

@Suite("Checksum")
struct ChecksumTests {
    /// Test vectors of xxHash itself: `XSUM_XXH3_testdata` in cli/xsum_sanity_check.c of version 0.8.3, those of seed 0. One
    /// for each way in which XXH3 treats a length, and for each end of a block.
    static let published: [(count: Int, checksum: UInt64)] = [
        (0, 0x2D06_8005_38D3_94C2), (1, 0xC44B_DFF4_074E_ECDB), (6, 0x27B5_6A84_CD2D_7325),
        (12, 0xA713_DAF0_DFBB_77E7), (24, 0xA3FE_70BF_9D35_10EB), (48, 0x397D_A259_ECBA_1F11),
        (80, 0xBCDE_FBBB_2C47_C90A), (195, 0xCD94_217E_E362_EC3A), (403, 0xCDEB_804D_65C6_DEA4),
        (512, 0x617E_4959_9013_CB6B), (2048, 0xDD59_E2C3_A5F0_38E0), (2240, 0x6E73_A905_39CF_2948),
        (2367, 0xCB37_AEB9_E5D3_61ED),
    ]

    /// The bytes that the vectors are of: the highest eight bits of the powers of one prime, times another.
    static func input(_ count: Int) -> [UInt8] {
        var word: UInt64 = 2_654_435_761
        return (0..<count).map { _ in
            defer { word = word &* 11_400_714_785_074_694_797 }
            return UInt8(word >> 56)
        }
    }

    @Test(arguments: published)
    func isThatOfXXHash(count: Int, checksum: UInt64) {
        #expect(Checksum.of(Self.input(count)[...]) == checksum)
    }

    /// Payloads lie where libzmq put them.
    @Test(arguments: published)
    func doesNotDependOnTheAddress(count: Int, checksum: UInt64) {
        for offset in 1...64 {
            let bytes = [UInt8](repeating: 1, count: offset) + Self.input(count)
            #expect(Checksum.of(bytes[offset...]) == checksum, "offset \(offset)")
        }
    }
}
