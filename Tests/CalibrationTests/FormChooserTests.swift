import Configuration
import Experts
import MoE
import Tensors
import Testing

@testable import Calibration
@testable import Runtime

@Suite struct FormChooserTests {
    private func trial(_ operation: ProductForm.Operation, _ seconds: Double) -> FormChooser.Trial {
        FormChooser.Trial(form: ProductForm(operation), seconds: seconds)
    }

    /// So that noise does not decide, and machines of one kind choose the same.
    @Test func littleFasterIsNotEnough() {
        let trials = [trial(.packedMatmul, 1), trial(.convolution, 0.9), trial(.transposedMatmul, 0.95)]
        #expect(FormChooser.preferred(trials)?.form.operation == .packedMatmul)
    }

    @Test func muchFasterIs() {
        let trials = [trial(.packedMatmul, 1), trial(.convolution, 0.55), trial(.transposedMatmul, 0.5)]
        #expect(FormChooser.preferred(trials)?.form.operation == .convolution)
        #expect(FormChooser.preferred([]) == nil)
    }

    /// On whatever processor, what is chosen exists and keeps bits.
    @Test(
        arguments: [ProductShape(inputs: 96, outputs: 700, dtype: .f32, work: .few)]
            + WorkClass.allCases.map { ProductShape(inputs: 256, outputs: 64, dtype: .bf16, work: $0) }
    )
    func choiceKeepsBits(shape: ProductShape) throws {
        let choice = try #require(try FormChooser().choose(shape))
        #expect(ProductForm.candidates(for: shape).contains(choice.product.form))
        #expect(choice.gigaflops > 0)
        let compute = try ComputeEngine(threads: 1)
        let trial = try ProductTrial(compute: compute, shape: shape, form: choice.product.form, copies: 1)
        #expect(trial.implementation == choice.kernel)
        #expect(try trial.keepsBits(heights: Array(1...64)))
    }
}
