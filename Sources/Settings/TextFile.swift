import Basics
import Foundation

/// The reader of small text files that people write: the only place that reads settings from files.
public enum TextFile {
    /// The largest size of a file, in bytes: configurations and catalogues are small, and a larger file is a mistake.
    private static let largest = 4 << 20

    /// Read a file of at most 4 MiB as text.
    ///
    /// - Throws: ``ConfigurationError`` where the file cannot be read as text.
    public static func read(_ path: String) throws(ConfigurationError) -> String {
        if let problem = problem(with: path) {
            throw error(path, problem)
        }
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            let data = try handle.read(upToCount: largest + 1) ?? Data()
            guard data.count <= largest else { throw error(path, "larger than \(largest >> 20) MiB") }
            if let encoding = TextEncoding.foreign(data) { throw error(path, "\(encoding) text instead of UTF-8") }
            guard let text = String(validating: data, as: UTF8.self) else {
                throw error(path, "not UTF-8 text")
            }
            return text.withoutByteOrderMark
        } catch let error as ConfigurationError {
            throw error
        } catch let failure {
            throw error(path, "cannot be read: \(failure.localizedDescription)")
        }
    }

    /// The reason why a path cannot be read as a file, or nil when it can. Devices and pipes are refused: reading them
    /// may never end.
    public static func problem(with path: String) -> String? {
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: resolved) else {
            return "no such file"
        }
        switch attributes[.type] as? FileAttributeType {
        case .typeRegular: return FileManager.default.isReadableFile(atPath: resolved) ? nil : "not readable"
        case .typeDirectory: return "a folder"
        default: return "not a regular file"
        }
    }

    private static func error(_ path: String, _ problem: String) -> ConfigurationError {
        let message = "found \(problem), allowed: a readable text file"
        return ConfigurationError(ConfigurationProblem(location: path, message: message))
    }
}
