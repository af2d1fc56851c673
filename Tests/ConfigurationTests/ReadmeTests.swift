import Configuration
import Foundation
import MoE
import TestSupport
import Testing

@Suite("README and guides")
struct ReadmeTests {
    private static func text(of page: String) throws -> String {
        try String(contentsOfFile: packageFolder(page), encoding: .utf8)
    }

    /// The articles of all catalogs, by the names that links use.
    private static func articles() throws -> [String: String] {
        let sources = try #require(FileManager.default.enumerator(atPath: packageFolder("Sources")))
        var articles: [String: String] = [:]
        for case let path as String in sources where path.contains(".docc/") && path.hasSuffix(".md") {
            articles[String(path.dropLast(3).split(separator: "/").last ?? "")] = "Sources/" + path
        }
        return articles
    }

    @Test("the README can be read in one go, and each of its links leads to a file")
    func readme() throws {
        let text = try Self.text(of: "README.md")
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 180)
        let targets = text.matches(of: /\]\(([^)]+)\)/).map { String($0.1) }.filter { !$0.hasPrefix("https:") }
        #expect(targets.count > 20)
        for target in targets {
            #expect(FileManager.default.fileExists(atPath: packageFolder(target)), "\(target)")
        }
    }

    @Test("each source file that an article names is there")
    func files() throws {
        let sources = try #require(FileManager.default.enumerator(atPath: packageFolder("Sources")))
        let files = sources.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.map { "/" + $0 }
        for path in try Self.articles().values {
            for name in try Self.text(of: path).matches(of: /`([A-Za-z0-9+\/]+\.swift)`/).map({ "/" + $0.1 }) {
                #expect(files.contains { $0.hasSuffix(name) }, "\(path): \(name)")
            }
        }
    }

    @Test("each guide is reached from the README or the start page, and its links lead to articles")
    func guides() throws {
        let articles = try Self.articles()
        let start = try Self.text(of: "Sources/epsim/epsim.docc/epsim.md") + Self.text(of: "README.md")
        for (name, path) in articles where path.hasPrefix("Sources/epsim/epsim.docc/") && name != "epsim" {
            #expect(start.contains("doc:\(name)>") || start.contains("/\(name).md"), "\(name)")
        }
        for path in articles.values {
            for link in try Self.text(of: path).matches(of: /[(<]doc:([A-Za-z0-9]+)/) {
                #expect(articles[String(link.1)] != nil, "\(path): \(link.1)")
            }
        }
    }

    @Test(
        "the tables are what the commands print",
        arguments: [
            (
                "Sources/epsim/epsim.docc/ConfigurationReference.md", "reference model workload cluster hardware run"
            ),
            ("Sources/MoE/MoE.docc/Routers.md", "routers"),
        ]
    )
    func tables(_ page: String, _ command: String) throws {
        let text = try Self.text(of: page)
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
        for entry in RouterCatalogue.entries { #expect(markdown.contains("| `\(entry.name)` |"), "\(entry.name)") }
        let rows = markdown.split(separator: "\n").prefix { $0.hasPrefix("|") }
        #expect(rows.count == RouterCatalogue.entries.count + 2)
        #expect(rows.allSatisfy { $0.count { $0 == "|" } == 7 })
    }
}
