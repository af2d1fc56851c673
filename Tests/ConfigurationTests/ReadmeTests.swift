import Configuration
import Foundation
import Testing

@Suite("README")
struct ReadmeTests {
    @Test("the reference is what 'epsim config reference' prints")
    func reference() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("README.md"), encoding: .utf8)
        let begin = try #require(text.range(of: "<!-- begin: epsim config reference -->\n"))
        let end = try #require(text.range(of: "<!-- end: epsim config reference -->"))
        let shown = text[begin.upperBound..<end.lowerBound].trimmingCharacters(in: .newlines)
        #expect(shown == ConfigurationReference.markdown().trimmingCharacters(in: .newlines))
    }
}
