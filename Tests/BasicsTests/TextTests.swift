import Testing

@testable import Basics

@Suite("Names and numbers as text")
struct TextTests {
    @Test("edit distance")
    func distance() {
        #expect(NearestName.distance("kitten", "sitting") == 3)
        #expect(NearestName.distance("", "abc") == 3)
        #expect(NearestName.distance("abc", "") == 3)
        #expect(NearestName.distance("layers", "layers") == 0)
        #expect(NearestName.distance("rnu", "run") == 1 && NearestName.distance("abcd", "badc") == 2)
        #expect(NearestName.of("rnu", among: ["runs", "run", "route"]) == "run")
        #expect(NearestName.of("layrs", among: ["layers", "hidden"]) == "layers")
        #expect(NearestName.of("layerz", among: ["layer", "layers"]) == "layers")
        #expect(NearestName.of("xyz", among: ["layers", "hidden"]) == nil)
        #expect(NearestName.of(String(repeating: "x", count: 65), among: ["x"]) == nil)
        #expect(NearestName.of("x", among: []) == nil)
    }

    @Test("a bar in a cell of a Markdown table is no border")
    func markdown() {
        #expect(MarkdownTable.text(["a", "b"], rows: [["|x|", "y"]]) == "| a | b |\n|---|---|\n| \\|x\\| | y |\n")
    }

    @Test("decimal numbers are shown short and read back")
    func decimals() {
        #expect(DecimalText.text(1) == "1")
        #expect(DecimalText.text(-0.25) == "-0.25")
        for value in [0.1, 1e-5, 1e300, 123_456_789.125, 1e15, .leastNonzeroMagnitude] {
            #expect(DecimalText.value(DecimalText.text(value)) == value)
        }
    }

    @Test("a byte order mark goes from the beginning alone, of texts and of bytes")
    func byteOrderMarks() {
        for (text, without) in [
            ("", ""), ("\u{FEFF}", ""), ("a\u{FEFF}", "a\u{FEFF}"), ("\u{FEFF}\u{FEFF}a", "\u{FEFF}a"),
            ("\u{FEFF}é", "é"),
        ] {
            #expect(Array(text.withoutByteOrderMark.unicodeScalars) == Array(without.unicodeScalars))
            #expect(Array(Array(text.utf8).withoutByteOrderMark) == Array(without.utf8))
        }
        #expect(Array([0xEF, 0xBB] as [UInt8]).withoutByteOrderMark == [0xEF, 0xBB])
    }
}
