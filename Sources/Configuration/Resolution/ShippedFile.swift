import Basics
import Foundation
public import Settings

/// The finder of the files that come with the program, so that `configs/quickstart.yaml` is there in any folder.
public enum ShippedFile {
    /// The prefix that a path needs to be looked for among the shipped files.
    private static let start = "configs/"

    /// Find the file that a path of the command line means: the path itself, or, where it begins with `configs/` and
    /// nothing is there in the working directory, the first of the places where the program keeps its `configs`.
    ///
    /// - Throws: `ConfigurationError` with all places where a path that begins with `configs/` is in none of them.
    public static func find(_ path: String) throws(ConfigurationError) -> String {
        try find(path, executable: Bundle.main.executablePath)
    }

    /// Find a file for a program.
    ///
    /// - Parameter executable: the path of the program, or nil when unknown.
    static func find(_ path: String, executable: String?) throws(ConfigurationError) -> String {
        guard path.hasPrefix(start) else { return path }
        let places = ShippedFolders(name: String(path.dropFirst(start.count)), executable: executable).folders
        if let place = places.first(where: { FileManager.default.fileExists(atPath: $0) }) { return place }
        let message = "found no such file, looked for \(WordList.all(places)), allowed: a readable text file"
        throw ConfigurationError(ConfigurationProblem(location: path, message: message))
    }
}

/// The places that may hold a part of the `configs` that come with the program. Pure: it only lists paths.
struct ShippedFolders {
    /// The name of the folder or file below `configs`.
    let name: String
    /// The path of the running program, or nil when unknown.
    let executable: String?

    /// The paths to try, in order: in the working directory, in the package that the program was built in, from
    /// any depth of its build folder, and in the installed place.
    var folders: [String] { ["configs/\(name)"] + besideExecutable }

    private var besideExecutable: [String] {
        guard let executable else { return [] }
        var places: [String] = []
        var folder = Folder.of(executable)
        let installed = "\(Folder.of(folder))/share/epsim/configs/\(name)"
        while folder != "/" && folder != "." && places.count < 6 {
            folder = Folder.of(folder)
            places.append("\(folder == "/" ? "" : folder)/configs/\(name)")
        }
        return places + [installed]
    }
}
