import Basics
import Experts
import Foundation
import TestSupport
import Testing

/// The page of model types, against the rows of families and the types that transformers has; the script beside the
/// fixture wrote the latter.
@Suite("Table of model types") struct ModelTypeTableTests {
    private struct Row {
        let types: [String]
        let isRead: Bool
        let families: [String]
    }

    private func rows() throws -> [Row] {
        let page = packageFolder("Sources/Experts/Experts.docc/ModelTypes.md")
        let text = try String(contentsOfFile: page, encoding: .utf8)
        return text.split(separator: "\n").filter { $0.hasPrefix("| `") && !$0.contains("| read |") }.map { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            func words(_ cell: String) -> [String] {
                cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                    .compactMap { $0.offset % 2 == 1 ? String($0.element) : nil }
            }
            let isRead = cells[1] == "yes"
            return Row(types: words(cells[0]), isRead: isRead, families: isRead ? words(cells[2]) : [])
        }
    }

    @Test func hasEveryTypeOnce() throws {
        let text = try String(contentsOfFile: fixtureFolder("configurations") + "/expert_types.json", encoding: .utf8)
        guard case .list(let types) = try JSON(parsing: text) else { throw TestTrouble("no list") }
        let known = types.compactMap { type in if case .text(let name) = type { name } else { nil } }
        #expect(known.count == 107)
        #expect(try rows().flatMap(\.types).sorted() == known.sorted())
    }

    @Test func saysWhatTheFamiliesSay() throws {
        for row in try rows() {
            for type in row.types {
                let found = CheckpointFamily.of(modelType: type).map(\.name)
                // The language model of a composite one gives the family.
                let said = type == "kimi_k25" ? [] : row.families
                #expect(found == said, "\(type)")
            }
        }
    }
}
