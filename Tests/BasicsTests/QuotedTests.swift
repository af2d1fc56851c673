import Basics
import Testing

@Suite("What somebody wrote, in quotes")
struct QuotedTests {
    @Test(arguments: [
        ("plain", "\"plain\""), ("", "\"\""), ("a\"b\\c", "\"a\\\"b\\\\c\""),
        ("a\nb\u{1B}[2J", "\"a\\nb\\u{1B}[2J\""),
        ("é 世", "\"é 世\""), ("\u{202E}x", "\"\\u{202E}x\""), (String(repeating: "a", count: 100), nil),
    ])
    func nothingSteersATerminal(found: String, text: String?) {
        #expect(Quoted.text(found) == text ?? "\"\(found)\"")
    }

    @Test func whatIsLongIsCut() {
        #expect(Quoted.text(String(repeating: "a", count: 101)) == "\"\(String(repeating: "a", count: 100))...\"")
        #expect(Quoted.value(String(repeating: "1", count: 101)).hasSuffix("1...\""))
    }

    @Test func valuesAndKeysStandAloneWhereTheyCan() {
        #expect(["1", "0.5", "true", "yes"].map(Quoted.value) == ["1", "0.5", "true", "\"yes\""])
        #expect(["a.b_c[0]", "a b", "é"].map(Quoted.key) == ["a.b_c[0]", "\"a b\"", "\"é\""])
    }

    @Test func listsEndAfterTheTwelfth() {
        #expect(Quoted.list([]) == "none")
        #expect(Quoted.list(["a", "b"]) == "\"a\", \"b\"")
        #expect(Quoted.list((0..<14).map { "\($0)" }).hasSuffix(", \"11\" and 2 more"))
    }

    @Test func controlCharactersAreQuestionMarks() {
        #expect(Printable.text("a\u{1B}[2J\r\nb\u{202E}é") == "a?[2J??b?é")
        #expect("a&b".escaped { $0 == "&" ? "&amp;" : nil } == "a&amp;b")
    }
}
