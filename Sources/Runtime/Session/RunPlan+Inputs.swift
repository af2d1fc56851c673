public import Basics
import Cluster
import CostModel
internal import Experts
internal import MoE
internal import Workloads

/// What a plan reads, opened: the same for a run and for the check before many of them.
struct PlanInputs {
    let workload: any Workload
    let router: any Router
    /// The source of gates, biases and norms.
    let experts: any ExpertSource

    /// Open the inputs of a plan.
    ///
    /// - Throws: ``RuntimeError/configuration(_:)`` that names the file and what is wrong with it.
    init(_ plan: RunPlan) throws(RuntimeError) {
        do {
            workload = try WorkloadFactory.workload(plan, topK: plan.copiesPerToken())
            router = try plan.makeRouter(tokenFrequencies: workload.tokenFrequencies)
            experts = try plan.weightSource.open(
                model: plan.modelShape,
                gateDeviation: Float(plan.router.logitStd)
            )
            try experts.checkValues(ofExperts: false)
        } catch {
            throw .configuration("\(error)")
        }
        try RouterNeeds.check(plan, workload)
    }
}

extension RunPlan {
    /// Open all files that a run or a prediction of the plan reads, so that what is wrong with them is known before it
    /// starts. They follow from the sections model, workload and router, ``ClusterOptions/workers`` and
    /// ``HardwareOptions/routing``.
    ///
    /// - Throws: ``RuntimeError/configuration(_:)`` that names the file and what is wrong with it.
    public func checkInputs(for clock: StepClock) throws(RuntimeError) {
        guard clock == .modelled, hardware.routing == .expected else {
            _ = try PlanInputs(self)
            return
        }
        do {
            _ = try ExpectedTokens(self)
        } catch let error as RuntimeError {
            throw error
        } catch {
            throw .configuration("\(error)")
        }
    }

    /// Check that the settings of a run fit together, as far as that takes no file.
    ///
    /// - Throws: ``RuntimeError/configuration(_:)`` that names the setting.
    public func checkRules(for clock: StepClock) throws(RuntimeError) {
        _ = try placement(orGiven: nil, nodes: cluster.nodes)
        guard clock == .measured else { return }
        let router: any Router
        do {
            router = try makeRouter()
        } catch {
            throw .configuration("\(error)")
        }
        try SessionSetup.check(self, router)
    }
}
