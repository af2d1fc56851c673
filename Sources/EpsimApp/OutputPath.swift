import Foundation

/// The path of a file that a command is to write.
struct OutputPath {
    /// The option that gives the path.
    let option: String
    let path: String

    /// Print an error where the path lies in no folder, or is a file that the command reads, by whatever name.
    ///
    /// - Parameter inputs: the paths of the files, and of the folders of files, that the command reads.
    /// - Throws: ``ExitStatus/badConfiguration`` then.
    func require(apartFrom inputs: [String]) throws(ExitStatus) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        let isThere = unsafe FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder)
        guard isThere, isFolder.boolValue else {
            throw refused("found '\(path)', allowed: a file in a folder that is there")
        }
        guard FileManager.default.fileExists(atPath: path) else { return }
        let file = Self.resolved(path)
        guard inputs.map(Self.resolved).contains(where: { file == $0 || file.hasPrefix($0 + "/") }) else { return }
        throw refused("found '\(path)', which this command reads, allowed: another file")
    }

    private func refused(_ message: String) -> ExitStatus {
        Console.note("epsim: \(option): \(message)")
        return .badConfiguration
    }

    /// The absolute path without symbolic links.
    private static func resolved(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }
}
