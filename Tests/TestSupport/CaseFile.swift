internal import Foundation

/// One file of test data; every file of a folder is a test case of its own.
public struct CaseFile: CustomStringConvertible, Sendable {
    /// The file's name without its extension.
    public let name: String
    /// The folder that it stands in.
    public let folder: String

    /// A file of a folder, by default of one beside the tests.
    public init(_ name: String, folder: String) {
        self.name = name
        self.folder = folder
    }

    /// The name, by which a test names the case.
    public var description: String { name }

    /// The path of the file with that extension.
    public func path(_ fileExtension: String) -> String { "\(folder)/\(name).\(fileExtension)" }

    /// The content of the JSON file.
    public func json() throws -> JSON {
        try JSON(parsing: String(contentsOfFile: path("json"), encoding: .utf8))
    }

    /// The longest of `names` with which this file's name begins.
    public func longestPrefix(among names: some Collection<String>) -> String? {
        names.filter { name.hasPrefix($0) }.max { $0.count < $1.count }
    }

    /// The files with an extension in the folder that an environment variable names, or else in a folder of fixtures.
    public static func all(_ fileExtension: String, fixtures: String, variable: String) -> [CaseFile] {
        let named = ProcessInfo.processInfo.environment[variable]
        // Absolute, for a program that is started in another folder.
        let folder = named.map { URL(fileURLWithPath: $0).path } ?? fixtureFolder(fixtures)
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".\(fileExtension)") }.sorted().map { file in
            CaseFile(String(file.dropLast(fileExtension.count + 1)), folder: folder)
        }
    }
}

/// The path of a folder of test data that several test targets share.
public func fixtureFolder(_ name: String) -> String { packageFolder("Tests/Fixtures/\(name)") }

/// The path of a folder or file of this package.
public func packageFolder(_ name: String) -> String {
    let support = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    return support.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(name).path
}
