import Calibration
import Foundation
import MoE
import Settings
import Tensors
import TestSupport
import Testing

@testable import Configuration

@Suite struct KernelFileTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path("hardware/kernels.json") }
    private let machine = MachineKind(processor: "P, family 1", instructionSet: "avx2", oneDNN: "2.6.3")

    init() throws {
        folder = try TemporaryFolder()
    }

    private func choice(_ inputs: Int, _ operation: ProductForm.Operation = .convolution) -> MeasuredForm {
        MeasuredForm(
            ProductForms.Choice(
                shape: ProductShape(inputs: inputs, outputs: 64, dtype: .f32, work: .tens),
                form: ProductForm(operation)
            ),
            kernel: "jit",
            gigaflops: 100.5
        )
    }

    @Test func liesBesideTheProfileOfThisMachine() {
        #expect(KernelFile.path(environment: ["EPSIM_HARDWARE": "/own"]) == "/own/kernels.json")
        #expect(KernelFile.path(environment: ["HOME": "/h"]) == "/h/.config/epsim/hardware/kernels.json")
        #expect(KernelFile.path(environment: [:]) == nil)
        #expect(KernelFile.path(environment: ["EPSIM_HARDWARE": "", "HOME": "/h"])?.hasPrefix("/h/.config/") == true)
    }

    @Test func whatWasMeasuredFirstCounts() throws {
        #expect(try KernelFile.read(path).choices(of: machine).isEmpty)
        _ = try KernelFile.add([choice(64)], of: machine, to: path)
        let file = try KernelFile.add([choice(64, .packedMatmul), choice(128)], of: machine, to: path)
        #expect(file.choices(of: machine) == [choice(64), choice(128)])
        #expect(try KernelFile.read(path) == file)
    }

    @Test func choicesOfAnotherMachineDoNotHold() throws {
        _ = try KernelFile.add([choice(64)], of: machine, to: path)
        var others = [machine, machine, machine]
        others[0].processor = "Q"
        others[1].instructionSet = "avx512_core"
        others[2].oneDNN = "3"
        for other in others { #expect(try KernelFile.read(path).choices(of: other).isEmpty) }
        _ = try KernelFile.add([choice(64, .packedMatmul)], of: others[1], to: path)
        #expect(try KernelFile.read(path).choices(of: machine) == [choice(64)])
        #expect(try KernelFile.read(path).choices(of: others[1]) == [choice(64, .packedMatmul)])
    }

    /// Processes that measure at the same time all end up with the same choices.
    @Test func writersDoNotLoseEachOthers() async throws {
        let (path, machine) = (path, machine)
        let choices = (1...24).map { choice($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for choice in choices { group.addTask { _ = try KernelFile.add([choice], of: machine, to: path) } }
            try await group.waitForAll()
        }
        let kept = try KernelFile.read(path).choices(of: machine)
        #expect(Set(kept.map(\.product.shape.inputs)) == Set(1...24))
    }

    /// Whoever is stopped with the folder in its hands stops nobody else.
    @Test func lockHasADeadline() throws {
        _ = try KernelFile.add([choice(64)], of: machine, to: path)
        let lock = unsafe open((path as NSString).deletingLastPathComponent, O_RDONLY)
        #expect(flock(lock, LOCK_EX) == 0)
        defer { close(lock) }
        let said = failure {
            _ = try KernelFile.add([choice(128)], of: machine, to: path)
        }
        #expect(said == "\(path): cannot be written: another process has had its folder for 2.0 s")
    }

    @Test func textThatWouldMisleadIsRefused() throws {
        var wrong = choice(64)
        wrong.kernel = "jit\nBAD   kernel"
        _ = try KernelFile.add([wrong], of: machine, to: path)
        let said = failure { _ = try KernelFile.read(path) }
        #expect(said?.hasPrefix("\(path): a choice that cannot be; remove it") == true)
    }

    @Test func namesAreNotOfProfiles() throws {
        _ = try KernelFile.add([choice(64)], of: machine, to: path)
        let files = try HardwareLoader.files(environment: ["EPSIM_HARDWARE": folder.path("hardware")])
        #expect(!files.contains { $0.name.contains("kernels") })
    }

    @Test(arguments: [
        "", "{", "[]", #"{"sections": 1}"#,
        #"{"sections": [{"machine": {"processor": "P", "instructionSet": "avx2", "oneDNN": "2"}, "choices": [{}]}]}"#,
    ])
    func brokenFileIsOneError(text: String) throws {
        try folder.write(text, as: "hardware/kernels.json")
        let said = failure { _ = try KernelFile.read(path) }
        #expect(said == "\(path): not a file of kernels; remove it, and the next run measures again")
    }

    /// A height of no rows would never end, one above the largest block would be written past.
    @Test(arguments: [0, -1, 13, 100_000])
    func heightThatNobodyOffersIsRefused(rows: Int) throws {
        var wrong = choice(64)
        wrong.product.form = ProductForm(.transposedMatmul, blockRows: rows)
        _ = try KernelFile.add([wrong], of: machine, to: path)
        let said = failure { _ = try KernelFile.read(path) }
        #expect(
            said
                == "\(path): product 64 x 64: found a form that does not exist; remove it, and the next run measures "
                + "again"
        )
    }

    @Test func placeThatCannotBeWrittenIsNamed() {
        let said = failure {
            _ = try KernelFile.add([choice(64)], of: machine, to: "/proc/kernels/kernels.json")
        }
        #expect(said?.hasPrefix("/proc/kernels/kernels.json: cannot be written: ") == true)
    }
}
