import Foundation
import TestSupport
import Testing

extension RealProcesses {
    /// The articles about the index hold what the program does.
    @Suite struct RunStoreDocsTests {
        private static func article(_ name: String) throws -> String {
            try String(contentsOfFile: packageFolder("Sources/RunStore/RunStore.docc/\(name).md"), encoding: .utf8)
        }

        /// The code blocks of a language.
        private static func blocks(_ language: String, _ text: String) -> [String] {
            text.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
                $0.components(separatedBy: "```").first
            }
        }

        @Test func tablesAreThoseOfTheProgram() async throws {
            try await Sandbox.use { sandbox in
                let columns = try await sandbox.epsim("runs", "query", "--columns")
                #expect(columns.code == 0)
                let tables = columns.output.split(separator: "\n").filter { $0.hasPrefix("### ") }
                let article = try Self.article("IndexColumns")
                for table in tables {
                    let name = table.dropFirst(4).prefix { $0 != ":" }
                    #expect(article.contains("| `\(name)` |"), "\(table)")
                }
                #expect(tables.count == 4 && !columns.output.contains("|  |"), "a column without a meaning")
            }
        }

        @Test func queriesRun() async throws {
            try await Sandbox.use { sandbox in
                for workers in ["1", "2", "4"] {
                    let process = try sandbox.start(["run", "tiny.yaml", "--quiet", "--workers", workers])
                    #expect(try await process.finish().code == 0)
                }
                let queries = Self.blocks("sql", try Self.article("ReadingTheData"))
                #expect(queries.count == 4)
                for query in queries {
                    let result = try await sandbox.epsim("runs", "query", "--json", "--sql", query)
                    #expect(result.code == 0, "\(query): \(result.errors)")
                    #expect(try !JSON(parsing: result.output).array.isEmpty, "\(query)")
                }
            }
        }
    }
}
