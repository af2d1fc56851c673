import MoE
import Tensors
import Testing

@testable import Cluster

@Suite("Checks of an assignment")
struct AssignmentChecksTests {
    @Test func aSensibleOnePasses() throws {
        try Assignment.tiny().check()
        try Assignment.tiny(held: [], sharedExpert: true).check()
    }

    @Test func nonsenseIsNamed() {
        expect("an assignment of experts in 1 layers of a model of 2") { $0.weights.experts.removeLast() }
        expect("an assignment of expert 4 in layer 1 of 4 experts") { $0.weights.experts[1] = [1, 4] }
        expect("an assignment of expert -1 in layer 0 of 4 experts") { $0.weights.experts[0] = [-1] }
        expect("an assignment whose hidden width is 0; allowed are 1 to 16777216") {
            $0.weights.model.expert.hidden = 0
        }
        expect("an assignment whose inner width is 16777217; allowed are 0 to 16777216") {
            $0.weights.model.expert.ffn = 16_777_217
        }
        expect("an assignment of a shared expert of width 9 beside 8") {
            $0.weights.model.sharedExpert = ExpertShape(hidden: 9, ffn: 16, activation: .relu)
        }
        expect("an assignment whose number of threads is 0; allowed are 1 to 4096") { $0.weights.threads = 0 }
        expect("an assignment whose credit is -1; allowed are 1 to \(Int.max)") { $0.creditBytes = -1 }
        expect("an assignment whose silence limit is 0; allowed are 1 to \(Int.max)") { $0.silenceLimit = 0 }
        expect("an assignment whose delay is -1; allowed are 0 to 86400000000000") {
            $0.delay = PhaseDelay(phase: .queue, rank: 0, duration: -1)
        }
        expect("an assignment of I8 numbers; allowed are F32 and BF16") { $0.form.combine = .i8 }
        expect("an assignment of F16 numbers; allowed are F32 and BF16") { $0.weights.dtype = .f16 }
    }

    @Test func formsOfRowsAreChecked() throws {
        expect("an assignment of F8_E4M3 numbers; allowed are F32 and BF16") { $0.form.combine = .f8e4m3 }
        expect("an assignment of I8 rows; allowed are F32, BF16 and F8_E4M3") { $0.form.dispatch = .i8 }
        expect("an assignment to sum outputs without their weights") { $0.form.presums = true }
        for form in [
            RowForm(dispatch: .f8e4m3, combine: .bf16), RowForm(dispatch: .bf16, combine: .f32, carriesWeights: true),
            .presummedSingles,
        ] {
            try Assignment.tiny(form: form).check()
        }
    }

    private func expect(
        _ reason: String,
        sourceLocation: SourceLocation = #_sourceLocation,
        change: (inout Assignment) -> Void
    ) {
        var assignment = Assignment.tiny()
        change(&assignment)
        #expect(throws: WireError(reason), sourceLocation: sourceLocation) { try assignment.check() }
    }
}
