/// Where the catalogue of published models may lie. Pure: it only lists places.
struct CatalogueSearch {
    /// The name of the file in its folder.
    static let fileName = "catalogue.yaml"
    /// The environment variable that names the folder.
    static let variable = "EPSIM_CATALOGUE"

    /// The folder that the caller names.
    var directory: String?
    let environment: [String: String]
    /// The folder of the configuration file.
    let configurationDirectory: String
    /// The running program, or nil when unknown.
    let executable: String?

    /// The files to look for, in order. A folder that somebody names is the only place: falling back to another
    /// catalogue would hide a mistyped name.
    var files: [String] {
        if let named = directory ?? environment[Self.variable] {
            return ["\(named)/\(Self.fileName)"]
        }
        return (["\(configurationDirectory)/models", "configs/models"] + besideExecutable).map {
            "\($0)/\(Self.fileName)"
        }
    }

    /// The package that the program was built in, from any depth of its build folder, then the installed place.
    private var besideExecutable: [String] {
        guard let executable else { return [] }
        var places: [String] = []
        var folder = PathText.directory(of: executable)
        let installed = "\(PathText.directory(of: folder))/share/epsim/configs/models"
        while folder != "/" && folder != "." && places.count < 6 {
            folder = PathText.directory(of: folder)
            places.append("\(folder == "/" ? "" : folder)/configs/models")
        }
        return places + [installed]
    }
}
