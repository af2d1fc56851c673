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
        let shipped = ShippedFolders(name: "models", executable: executable).folders
        return (["\(configurationDirectory)/models"] + shipped).map { "\($0)/\(Self.fileName)" }
    }
}
