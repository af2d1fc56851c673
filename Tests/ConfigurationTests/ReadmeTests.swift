import Configuration
import Foundation
import MoE
import Testing

@Suite("README")
struct ReadmeTests {
    @Test(
        "the tables are what the commands print",
        arguments: [
            ("README.md", "reference model workload cluster hardware run"), ("README.md", "routers"),
            ("Sources/MoE/MoE.docc/Routers.md", "routers"),
        ]
    )
    func tables(_ page: String, _ command: String) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent(page), encoding: .utf8)
        let begin = try #require(text.range(of: "<!-- begin: epsim config \(command) -->\n"))
        let end = try #require(text.range(of: "<!-- end: epsim config \(command) -->"))
        let shown = text[begin.upperBound..<end.lowerBound].trimmingCharacters(in: .newlines)
        let sections = command.split(separator: " ").dropFirst().map(String.init)
        let printed = sections.isEmpty ? RouterReference.markdown() : ConfigurationReference.markdown(of: sections)
        #expect(shown == printed.trimmingCharacters(in: .newlines))
    }

    @Test("every router and every option stands in the table of routers")
    func routers() {
        let markdown = RouterReference.markdown()
        for entry in RouterCatalog.entries { #expect(markdown.contains("| `\(entry.name)` |"), "\(entry.name)") }
        let rows = markdown.split(separator: "\n").prefix { $0.hasPrefix("|") }
        #expect(rows.count == RouterCatalog.entries.count + 2)
        #expect(rows.allSatisfy { $0.count { $0 == "|" } == 7 })
    }
}
