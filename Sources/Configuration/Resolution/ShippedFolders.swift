import Basics

/// Where a folder of `configs` that comes with the program may lie. Pure: it only lists places.
struct ShippedFolders {
    /// The folder below `configs`.
    let name: String
    /// The running program, or nil when unknown.
    let executable: String?

    /// The working directory, the package that the program was built in, from any depth of its build folder, then the
    /// installed place.
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
