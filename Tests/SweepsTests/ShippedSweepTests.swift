import ConfigurationSupport
import Foundation
import Testing

@testable import Sweeps

@Suite("The sweeps that come with epsim")
struct ShippedSweepTests {
    private static let files =
        (try? FileManager.default.contentsOfDirectory(atPath: "\(shippedConfigurations)/sweeps"))?.sorted() ?? []

    @Test("are all there")
    func names() {
        let expected = [
            "balance-losses", "capacity-factor", "strong-scaling", "tokens-per-step", "top-k-and-experts",
            "weak-scaling",
        ]
        #expect(Set(expected.map { "\($0).yaml" }).isSubset(of: Self.files))
    }

    @Test("resolve to points that can be run", arguments: files)
    func load(_ name: String) throws {
        let file = "\(shippedConfigurations)/sweeps/\(name)"
        let (plan, text) = try SweepLoader.load(file: file, environment: [:])
        #expect(plan.points.count >= 3 && plan.file.out == nil)
        #expect(text.hasPrefix("# "), "it says what it shows")
    }
}
