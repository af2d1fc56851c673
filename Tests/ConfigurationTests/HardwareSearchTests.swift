import ConfigurationSupport
import CostModel
import Foundation
import Records
import Settings
import TestSupport
import Testing

@testable import Configuration

@Suite("Where hardware profiles are looked for")
struct HardwareSearchTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private let shipped = "\(shippedConfigurations)/hardware"

    @Test("one's own folder, the user's, then those that come with the program")
    func order() {
        let own = ["EPSIM_HARDWARE": "/mine", "XDG_CONFIG_HOME": "/x", "HOME": "/h"]
        let search = HardwareSearch(environment: own, executable: "/p/.build/debug/epsim")
        #expect(
            search.folders == [
                "/mine", "/x/epsim/hardware", "configs/hardware", "/p/.build/configs/hardware", "/p/configs/hardware",
                "/configs/hardware", "/p/.build/share/epsim/configs/hardware",
            ]
        )
        func user(_ environment: [String: String]) -> [String] {
            HardwareSearch(environment: environment, executable: nil).folders
        }
        #expect(user(["HOME": "/h"]) == ["/h/.config/epsim/hardware", "configs/hardware"])
        #expect(user(["XDG_CONFIG_HOME": "relative", "HOME": "/h"]).first == "/h/.config/epsim/hardware")
        #expect(user([:]) == ["configs/hardware"])
    }

    @Test("a name, the beginning of a name, a path; the first folder wins")
    func names() throws {
        let environment = ["EPSIM_HARDWARE": shipped]
        #expect(try HardwareLoader.load(named: "H800", environment: environment).name == "H800-SXM")
        #expect(try HardwareLoader.load(named: "H20", environment: environment).name == "H20")
        #expect(try HardwareLoader.load(named: "\(shipped)/B200.yaml", environment: [:]).name == "B200")
        let mine = try TextFile.read("\(shipped)/B200.yaml").replacing("summary: \"NVIDIA", with: "summary: \"My")
        try folder.write(mine, as: "epsim/hardware/B200.yaml")
        let user = ["XDG_CONFIG_HOME": folder.path, "EPSIM_HARDWARE": folder.path]
        #expect(try HardwareLoader.load(named: "B200", environment: user).summary.hasPrefix("My B200"))
        #expect(try HardwareLoader.files(environment: environment).map(\.name).contains("MI300X"))
    }

    @Test("what cannot be found")
    func errors() throws {
        func lines(_ name: String, _ environment: [String: String]) -> [String] {
            problems { () throws(ConfigurationError) in
                _ = try HardwareLoader.load(named: name, environment: environment)
            }
        }
        let own = ["EPSIM_HARDWARE": shipped]
        let unknown = lines("H100-SMX", own)
        #expect(unknown.count == 1)
        #expect(
            unknown[0].hasPrefix(
                "hardware.profile: found \"H100-SMX\", did you mean H100-SXM? allowed: A100-SXM, B200, "
            )
        )
        #expect(unknown[0].hasSuffix("MI300X, or the path of a .yaml file"))
        #expect(
            lines("B200", ["EPSIM_HARDWARE": "/nowhere"]) == [
                "environment EPSIM_HARDWARE: found \"/nowhere\": no such folder, allowed: a folder with hardware profiles"
            ]
        )
        #expect(lines("/nowhere/a.yaml", [:]) == ["/nowhere/a.yaml: found no such file, allowed: a readable text file"])
        try folder.write(try TextFile.read("\(shipped)/B200.yaml"), as: "Other.yaml")
        #expect(
            lines("Other", ["EPSIM_HARDWARE": folder.path]) == [
                "\(folder.path)/Other.yaml: name: found \"B200\", allowed: Other, as the file is called"
            ]
        )
    }
}
