import Foundation
import Testing
import TestSupport

/// The arrows between modules: what Package.swift has, the table in Contributing allows.
@Suite("Modules")
struct ModuleTests {
    private static func text(of file: String) throws -> String {
        try String(contentsOfFile: packageFolder(file), encoding: .utf8)
    }

    /// What each module of the table needs directly.
    private static func table() throws -> [String: Set<String>] {
        var needs: [String: Set<String>] = [:]
        let rows = try text(of: "Sources/epsim/epsim.docc/Contributing.md").matches(
            of: /\| `(\w+)` \|[^\n]*\| ([^|\n]+) \|\n/
        )
        for row in rows where FileManager.default.fileExists(atPath: packageFolder("Sources/\(row.1)")) {
            needs[String(row.1)] = Set(row.2.split(separator: ", ").map(String.init).filter { $0 != "–" })
        }
        return needs
    }

    /// What each module of the package depends on directly.
    private static func package() throws -> [String: Set<String>] {
        let text = try text(of: "Package.swift")
        let start = try #require(text.range(of: "    targets: ["))
        var needs: [String: Set<String>] = [:]
        for target in text[start.upperBound...].components(separatedBy: "\n        .").dropFirst() {
            guard target.hasPrefix("target(") || target.hasPrefix("executableTarget("),
                !target.contains("path: \"Tests"),
                let name = target.firstMatch(of: /name: "(\w+)"/)?.1
            else { continue }
            let listed = target.replacing(/\.product\([^)]*\)/, with: "").matches(of: /"(\w+)"/).map { String($0.1) }
            needs[String(name)] = Set(listed).subtracting([String(name)])
        }
        return needs.mapValues { $0.intersection(needs.keys) }
    }

    private static func closure(_ name: String, _ needs: [String: Set<String>]) -> Set<String> {
        (needs[name] ?? []).reduce(into: needs[name] ?? []) { $0.formUnion(closure($1, needs)) }
    }

    @Test("no module imports what the table does not allow")
    func arrows() throws {
        let (table, package) = (try Self.table(), try Self.package())
        #expect(Set(table.keys) == Set(package.keys))
        for (name, needs) in package {
            let more = needs.subtracting(Self.closure(name, table))
            #expect(more.isEmpty, "\(name) may not need \(more.sorted())")
        }
    }

    @Test("the table has no arrow that the package does not have")
    func stale() throws {
        let (table, package) = (try Self.table(), try Self.package())
        for (name, needs) in table {
            let fewer = needs.subtracting(package[name] ?? [])
            #expect(fewer.isEmpty, "\(name) does not need \(fewer.sorted())")
        }
    }
}
