import Cluster
import Configuration
import Experts
import MoE
import Placement
import Tensors
import Testing
import Workloads

@testable import Runtime

@Suite struct MemoryNeedTests {
    /// Whether this processor multiplies bfloat16.
    private static var isNative: Bool {
        let shape = ExpertShape(hidden: 64, ffn: 64, activation: .relu)
        let kernel = try? ExpertKernel(compute: ComputeEngine(threads: 1), shape: shape, dtype: .bf16)
        return kernel?.isConverting == false
    }

    private let configuration = smallConfiguration {
        $0.model.layers = 4
        $0.model.hidden = 1024
        $0.model.experts = 16
        $0.model.expertFfn = 2048
        $0.model.sharedFfn = 512
        $0.workload.tokens = 1000
    }

    private func estimate(
        _ configuration: RunPlan,
        plan: ProductPlan? = nil,
        includingWorkers: Bool,
        keepsLayers: Bool
    ) throws -> MemoryNeed {
        try MemoryNeed(
            configuration,
            placement: PlacementPolicy.contiguous.placement(
                layers: configuration.model.layers,
                experts: configuration.model.experts,
                ranks: configuration.cluster.workers
            ),
            products: plan,
            includingWorkers: includingWorkers,
            keepsLayers: keepsLayers
        )
    }

    @Test func addsUpWeightsTokensAndProcesses() throws {
        let need = try estimate(configuration, includingWorkers: true, keepsLayers: false)
        let routed = 4.0 * 16 * 3 * 1024 * 2048
        // Every rank has the shared expert.
        let shared = 2.0 * 4 * 3 * 1024 * 512
        #expect(need.weights == (routed + shared) * 4)
        // Four matrices of tokens; logits of four layers at once, and as doubles beside their copy. Three copies of each
        // token out and back are less than the credit.
        let perToken = Double(1024 * (4 + 2 * 3) + 16 * 8)
        #expect(need.step == 4000 * perToken)
        #expect(need.processes == 3 * 32 * 1024 * 1024)
        let alone = try estimate(configuration, includingWorkers: false, keepsLayers: false)
        #expect(alone.weights == 0 && alone.step == need.step && alone.processes == 32 * 1024 * 1024)
    }

    @Test func copiesInFlightAreBoundedByCredit() throws {
        var small = configuration
        small.cluster.creditMib = 1
        let need = try estimate(small, includingWorkers: true, keepsLayers: false)
        #expect(need.step == 4000 * Double(1024 * 4 + 16 * 8) + Double(small.cluster.workers) * 0x1p20)
    }

    @Test func countsWhatIsKeptAndWhatTheCoordinatorHolds() throws {
        let plain = try estimate(configuration, includingWorkers: true, keepsLayers: false)
        let kept = try estimate(configuration, includingWorkers: true, keepsLayers: true)
        // Input, output and shared part, logits, and index, weight and mark of two copies.
        let perToken = Double(3 * 1024 + 16 + 3 * 2)
        #expect(kept.step - plain.step == 16_000 * perToken)
        var onCoordinator = configuration
        onCoordinator.cluster.shared = .coordinator
        let alone = try estimate(onCoordinator, includingWorkers: false, keepsLayers: false)
        let shared = 16.0 * 3 * 1024 * 512
        #expect(alone.weights == shared)
        let all = try estimate(onCoordinator, includingWorkers: true, keepsLayers: false)
        #expect(plain.weights - all.weights == alone.weights)
    }

    /// Unless products hold them as singles, which a form that multiplies bfloat16 is replaced by where there is no such
    /// product.
    @Test(arguments: [(ProductForm.Holding.own, isNative ? 2.0 : 1), (.converted, 2), (.singles, 1)])
    func bfloat16HalvesTheWeights(holding: ProductForm.Holding, times: Double) throws {
        var half = configuration
        half.model.dtype = .bf16
        let need = try estimate(configuration, includingWorkers: true, keepsLayers: false)
        var plan = try half.productPlan()
        let shapes = plan.shapes(of: half.modelShape, dtype: .bf16)
        plan.forms = ProductForms(
            shapes.map {
                ProductForms.Choice(shape: $0, form: ProductForm(.convolution, holding: holding))
            }
        )
        let weights = try estimate(half, plan: plan, includingWorkers: true, keepsLayers: false).weights
        #expect(weights * times == need.weights)
        guard holding != .own else { return }
        plan.forms = plan.forms.inLessMemory(shapes)
        let less = try estimate(half, plan: plan, includingWorkers: true, keepsLayers: false).weights
        #expect(less * 2 == need.weights)
    }

    @Test func whatFitsPasses() throws {
        let need = try estimate(configuration, includingWorkers: true, keepsLayers: false)
        let exact = Int(need.weights + need.step + need.processes)
        try need.check(available: exact, limits: ResourceLimits())
        try need.check(available: nil, limits: ResourceLimits())
        #expect(throws: RuntimeError.self) { try need.check(available: exact - 1, limits: ResourceLimits()) }
    }

    @Test func errorSaysWhatIsNeededAndWhatToDo() {
        let text =
            "model: 4 layers of 16 experts, hidden 1024, expert_ffn 2048, shared_ffn 512 in f32 need 1.5 GiB of weights and 0.1 GiB for "
            + "tokens and processes; 0.5 GiB are free: lower model.layers, model.experts, model.expert_ffn or "
            + "workload.tokens, or use model.dtype: bf16"
        #expect(throws: RuntimeError.configuration(text)) {
            try estimate(configuration, includingWorkers: true, keepsLayers: false).check(
                available: 1 << 29,
                limits: ResourceLimits()
            )
        }
        let alone =
            "workload: 1000 tokens of hidden 1024 need 0.1 GiB for tokens and processes; 0.0 GiB are free: lower "
            + "workload.tokens or model.hidden"
        #expect(throws: RuntimeError.configuration(alone)) {
            try estimate(configuration, includingWorkers: false, keepsLayers: false).check(
                available: 1000,
                limits: ResourceLimits()
            )
        }
    }

    @Test func largestSettingsDoNotOverflow() {
        let largest = smallConfiguration {
            $0.model.layers = 1024
            $0.model.hidden = 65536
            $0.model.experts = 65535
            $0.model.expertFfn = 1_048_576
            $0.model.sharedFfn = 1_048_576
            $0.router.options.topK = 65535
            $0.workload.tokens = 16_777_216
            $0.cluster.workers = 1024
        }
        #expect {
            try estimate(largest, includingWorkers: true, keepsLayers: false).check(
                available: 1 << 40,
                limits: ResourceLimits()
            )
        } throws: { error in
            guard case .configuration(let text)? = error as? RuntimeError else { return false }
            return text.contains("GiB of weights") && text.contains("1024.0 GiB are free")
        }
    }
}
