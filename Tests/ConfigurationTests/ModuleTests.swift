import Foundation
import TestSupport
import Testing

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
    private static func package() throws -> [String: Set<String>] { try dependencies(ofTests: false) }

    /// What each target depends on directly.
    ///
    /// - Parameter ofTests: whether test targets, and the targets that stand among them, are among these.
    private static func dependencies(ofTests: Bool) throws -> [String: Set<String>] {
        let text = try text(of: "Package.swift")
        let start = try #require(text.range(of: "    targets: ["))
        var needs: [String: Set<String>] = [:]
        for target in text[start.upperBound...].components(separatedBy: "\n        .").dropFirst() {
            let isTest = target.hasPrefix("testTarget(") || target.contains("path: \"Tests")
            guard isTest || target.hasPrefix("target(") || target.hasPrefix("executableTarget("), ofTests || !isTest,
                let name = target.firstMatch(of: /name: "(\w+)"/)?.1
            else { continue }
            let listed = target.replacing(/\.product\([^)]*\)/, with: "").matches(of: /"(\w+)"/).map { String($0.1) }
            needs[String(name)] = Set(listed).subtracting([String(name)])
        }
        return needs.mapValues { $0.intersection(needs.keys) }
    }

    /// The modules that the files of each target import, by target, of those that the package has.
    private static func imports() throws -> [String: Set<String>] {
        var imports: [String: Set<String>] = [:]
        for folder in ["Sources", "Tests"] {
            let files = FileManager.default.enumerator(atPath: packageFolder(folder))
            while let file = files?.nextObject() as? String {
                guard file.hasSuffix(".swift"), let target = file.split(separator: "/").first.map(String.init) else {
                    continue
                }
                let names = try text(of: "\(folder)/\(file)")
                    .matches(of: /(?m)^(?:@testable )?(?:public |internal |@testable )*import (\w+)$/)
                imports[target, default: []].formUnion(names.map { String($0.1) })
            }
        }
        return imports
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

    @Test("each target declares the modules that its files import")
    func declared() throws {
        let package = try Self.dependencies(ofTests: true)
        for (target, imports) in try Self.imports() {
            let missing = imports.intersection(package.keys).subtracting(package[target] ?? []).subtracting([target])
            #expect(missing.isEmpty, "\(target) imports \(missing.sorted()) without a dependency in Package.swift")
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
