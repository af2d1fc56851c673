import Basics
import TestSupport
import Testing

@Suite("Commands as one line")
struct CommandWordsTests {
    @Test(arguments: [
        ("python3 router.py", ["python3", "router.py"]),
        ("  a   b ", ["a", "b"]),
        (#"'a b' "c d" e\ f"#, ["a b", "c d", "e f"]),
        (#"a'b'"c"\d"#, ["abcd"]),
        (#"'\' "\" \\ \d""#, [#"\"#, #"" \ \d"#]),
        ("a '' \"\"", ["a", "", ""]),
        ("$HOME *.py > x; y", ["$HOME", "*.py", ">", "x;", "y"]),
        ("ä 'ö ü'", ["ä", "ö ü"]),
    ])
    func words(line: String, words: [String]) {
        #expect(CommandWords.words(of: line) == words)
    }

    @Test(
        "an open quote, a last backslash and no word are no command",
        arguments: ["", "  ", "'a", "\"a", "a\\", "\"a\\\""]
    )
    func none(line: String) {
        #expect(CommandWords.words(of: line) == nil)
    }

    @Test("words are read back from their line")
    func roundTrip() {
        var random = SeededRandom()
        let letters = Array("ab '\"\\$*é,:#[")
        for _ in 0..<2000 {
            let words = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                String(
                    (0..<Int.random(in: 0...5, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a"
                    }
                )
            }
            #expect(CommandWords.words(of: CommandWords.line(words)) == words, "seed \(random.seed)")
        }
    }

    @Test("a command is bounded, has a program and no control characters")
    func rule() {
        let rule = ValueRule<[String]>.command
        #expect(rule.value("python3 'my router.py'") == ["python3", "my router.py"])
        #expect(rule.text(["python3", "my router.py"]) == "python3 'my router.py'")
        for refused in ["", "''", "a\tb", "a\nb", String(repeating: "a", count: 4097)] {
            #expect(rule.value(refused) == nil, "\(refused.prefix(9))")
        }
        #expect(!rule.allows([]) && !rule.allows([""]) && !rule.allows(["a", "\u{1b}"]) && rule.allows(["a", ""]))
    }
}
