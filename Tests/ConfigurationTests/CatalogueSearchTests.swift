import Testing

@testable import Configuration

@Suite("Where the catalogue is looked for")
struct CatalogueSearchTests {
    @Test("beside the file, in the working directory, then from the program outwards")
    func order() {
        let search = CatalogueSearch(
            environment: [:],
            configurationDirectory: "here",
            executable: "/p/.build/debug/epsim"
        )
        #expect(
            search.files == [
                "here/models/catalogue.yaml", "configs/models/catalogue.yaml",
                "/p/.build/configs/models/catalogue.yaml", "/p/configs/models/catalogue.yaml",
                "/configs/models/catalogue.yaml", "/p/.build/share/epsim/configs/models/catalogue.yaml",
            ]
        )
    }

    @Test("an installed program finds its share folder")
    func installed() {
        let search = CatalogueSearch(
            environment: [:],
            configurationDirectory: ".",
            executable: "/usr/local/bin/epsim"
        )
        #expect(search.files.last == "/usr/local/share/epsim/configs/models/catalogue.yaml")
    }

    @Test("a folder that is named is the only one; the caller's name beats the variable")
    func named() {
        let variable = ["EPSIM_CATALOGUE": "/v"]
        let byVariable = CatalogueSearch(environment: variable, configurationDirectory: ".", executable: nil)
        #expect(byVariable.files == ["/v/catalogue.yaml"])
        let byCaller = CatalogueSearch(
            directory: "/d",
            environment: variable,
            configurationDirectory: ".",
            executable: nil
        )
        #expect(byCaller.files == ["/d/catalogue.yaml"])
    }
}
