internal import Foundation

/// A folder of its own for one test, removed with all that it holds when nothing refers to it any more.
///
/// A test that uses only paths keeps the folder with `defer { extendLifetime(folder) }`: optimised code may otherwise
/// let go of it after its last use.
public final class TemporaryFolder: Sendable {
    /// Its path; short, because socket paths are.
    public let path: String

    /// Makes the folder below that for temporary files.
    public init() throws {
        let name = "epsim-\(String(UInt32.random(in: 0 ... .max), radix: 36))"
        path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of a name in it.
    public func path(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file, with the folders that it needs, and returns its path.
    @discardableResult
    public func write(_ bytes: some Sequence<UInt8>, as name: String) throws -> String {
        let file = URL(fileURLWithPath: path(name))
        let parent = file.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        return path(name)
    }

    /// Writes a text, with the folders that it needs, and returns its path.
    @discardableResult
    public func write(_ text: String, as name: String) throws -> String {
        try write(text.utf8, as: name)
    }

    /// Makes a folder in it and returns its path.
    @discardableResult
    public func makeFolder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
        return path(name)
    }

    /// The text of a file.
    public func read(_ name: String) throws -> String {
        try String(contentsOfFile: path(name), encoding: .utf8)
    }

    /// Sorted names of what lies in it, or in a folder below.
    public func names(in folder: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path(folder)).sorted()
    }
}
