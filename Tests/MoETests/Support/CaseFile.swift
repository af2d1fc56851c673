import Foundation
import Testing

/// One file of test data; every file of a folder is a test case of its own.
struct CaseFile: CustomTestStringConvertible, Sendable {
    let name: String
    let folder: String

    var testDescription: String { name }

    func path(_ fileExtension: String) -> String { "\(folder)/\(name).\(fileExtension)" }

    func json() throws -> JSONValue {
        let data = try Data(contentsOf: URL(fileURLWithPath: path("json")))
        return try JSONDecoder().decode(JSONValue.self, from: data)
    }

    /// The longest of `names` with which this file's name begins.
    func longestPrefix(among names: some Collection<String>) -> String? {
        names.filter { name.hasPrefix($0) }.max { $0.count < $1.count }
    }

    /// The files with an extension in the folder that `variable` names, or in the fixtures.
    static func all(_ fileExtension: String, fixtures: String, variable: String) -> [CaseFile] {
        let bundled = Bundle.module.resourceURL?.appendingPathComponent("Fixtures/\(fixtures)").path
        let folder = ProcessInfo.processInfo.environment[variable] ?? bundled ?? ""
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".\(fileExtension)") }.sorted().map { file in
            CaseFile(name: String(file.dropLast(fileExtension.count + 1)), folder: folder)
        }
    }
}
