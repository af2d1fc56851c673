import Testing

@testable import Workloads

/// Cutting text into tokens; hashes of the published FNV-1a test vectors.
@Suite struct TextTokenizerTests {
    private func tokens(_ text: String) -> [UInt64] {
        var tokenizer = TextTokenizer()
        for scalar in text.unicodeScalars { tokenizer.append(scalar) }
        tokenizer.close()
        return tokenizer.tokens
    }

    /// The tokens of `text` must be those of its pieces, each of which must be one token.
    private func expect(_ text: String, _ pieces: [String]) {
        let single = pieces.map { tokens($0) }
        #expect(single.allSatisfy { $0.count == 1 }, "\(pieces)")
        #expect(tokens(text) == single.flatMap { $0 }, "\(text)")
    }

    @Test func hashesAsPublished() {
        #expect(tokens("a") == [0xAF63_DC4C_8601_EC8C])
        #expect(tokens("foobar") == [0x8594_4171_F739_67E8])
    }

    @Test func cutsWordsNumbersAndSymbols() {
        expect("The cat's 3rd life: 42.5%", ["The", "cat", "'", "s", "3", "rd", "life", ":", "42", ".", "5", "%"])
        expect("a--b", ["a", "-", "-", "b"])
        expect("naïve Ωmega", ["naïve", "Ωmega"])
        expect("日本", ["日", "本"])
    }

    @Test func foldsWhiteSpace() {
        #expect(tokens(" a\t\n\u{a0} b\u{2003}\r\n") == tokens("a b"))
        #expect(tokens(" \n\t") == [])
        #expect(tokens("") == [])
    }

    @Test func keepsMarksWithTheirLetters() {
        expect("e\u{301}te\u{301} x", ["e\u{301}te\u{301}", "x"])
        #expect(tokens("\u{301}").count == 1)
        #expect(tokens("\u{feff}a\u{200b}b") == tokens("ab"))
    }

    @Test func tellsCasesApart() {
        #expect(tokens("Word") != tokens("word"))
    }
}
