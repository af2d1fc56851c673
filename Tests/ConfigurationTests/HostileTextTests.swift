import ConfigurationSupport
import Settings
import TestSupport
import Testing

@testable import Configuration

@Suite("No text breaks the reader")
struct HostileTextTests {
    @Test("deep nesting is an error")
    func nesting() {
        for opening in ["[", "{a: ", "- ", "? "] {
            let text = String(repeating: opening, count: 100_000)
            #expect(problems(of: text).count == 1, "\(opening)")
        }
    }

    @Test("aliases that expand to billions of nodes cost nothing")
    func aliasBomb() {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...40 {
            text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n"
        }
        #expect(problems(of: text).last == "and 21 more")
    }

    @Test("shipped text with bytes changed at random is read or refused")
    func randomChanges() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        let bytes = Array(smallCatalogue.utf8)
        for _ in 0..<300 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                changed[Int.random(in: 0..<changed.count, using: &random)] = UInt8.random(in: 0..<128, using: &random)
            }
            changed.removeLast(Int.random(in: 0..<changed.count, using: &random) / 4)
            let text = String(decoding: changed, as: UTF8.self)
            let found = problems { () throws(ConfigurationError) in _ = try Catalogue(yaml: text, file: "c.yaml") }
            #expect(found.allSatisfy { $0.hasPrefix("c.yaml") }, "seed \(seed): \(found)")
            #expect(problems(of: text).allSatisfy { $0.hasPrefix("a.yaml") }, "seed \(seed)")
        }
    }
}
