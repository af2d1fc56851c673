import Settings
import TestSupport
import Testing

@testable import Configuration

@Suite("Files that come with the program")
struct ShippedFileTests {
    @Test("are found beside an installed program")
    func installed() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("", as: "share/epsim/configs/sweeps/only-installed.yaml")
        let found = try ShippedFile.find("configs/sweeps/only-installed.yaml", executable: folder.path("bin/epsim"))
        #expect(found == file)
    }

    @Test("are what is meant only by a path that begins with configs/")
    func others() throws {
        let folder = try TemporaryFolder()
        try folder.write("", as: "share/epsim/configs/only-installed.yaml")
        for path in ["only-installed.yaml", "/configs/only-installed.yaml", "./configs/only-installed.yaml", ""] {
            #expect(try ShippedFile.find(path, executable: folder.path("bin/epsim")) == path)
        }
    }

    @Test("are missed with the places where they were looked for")
    func missing() {
        let error = #expect(throws: ConfigurationError.self) {
            try ShippedFile.find("configs/none.yaml", executable: "/nowhere/bin/epsim")
        }
        #expect(
            error?.description
                == "configs/none.yaml: found no such file, looked for configs/none.yaml, /nowhere/configs/none.yaml, "
                + "/configs/none.yaml and /nowhere/share/epsim/configs/none.yaml, allowed: a readable text file"
        )
    }
}
