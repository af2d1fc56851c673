import Testing

@testable import Runtime

@Suite struct ProcessorTextTests {
    private static let x86 = """
        processor\t: 0
        vendor_id\t: AuthenticAMD
        cpu family\t: 26
        model\t\t: 2
        model name\t: AMD EPYC 9575F
        flags\t\t: fpu sse avx2 fma avx512f avx512_bf16

        processor\t: 1
        model name\t: another
        """

    /// As Linux writes it for a Graviton 2 (Neoverse N1).
    private static let arm = """
        processor\t: 0
        BogoMIPS\t: 243.75
        Features\t: fp asimd evtstrm aes crc32 atomics asimddp ssbs
        CPU implementer\t: 0x41
        CPU architecture: 8
        CPU variant\t: 0x3
        CPU part\t: 0xd0c
        CPU revision\t: 1
        """

    @Test func bothArchitecturesAreDescribed() {
        let x86 = ProcessorText(Self.x86)
        #expect(x86.name == "AMD EPYC 9575F" && x86.kind == "AMD EPYC 9575F, family 26, model 2")
        #expect(x86.features == ["avx2", "fma", "avx512f", "avx512_bf16"] && x86.hasVectors)
        let arm = ProcessorText(Self.arm)
        #expect(arm.name == "ARM implementer 0x41 part 0xd0c")
        #expect(arm.kind == "ARM implementer 0x41 part 0xd0c, variant 0x3, revision 1")
        #expect(arm.features == ["asimd", "asimddp"] && arm.hasVectors)
    }

    @Test func nothingIsKnownOfAnEmptyText() {
        let none = ProcessorText("")
        #expect(none.name == "unknown processor" && none.kind == "unknown processor" && none.features.isEmpty)
    }
}
