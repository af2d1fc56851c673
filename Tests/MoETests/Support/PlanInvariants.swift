import MoE
import Testing

/// Expects what holds for every plan of a top-k rule, whatever its capacity.
func expectInvariants(of plan: DispatchPlan, topK: Int, capacity: Int?, _ comment: Comment) {
    #expect(plan.copies == plan.tokens * topK, comment)
    #expect(plan.chosen.allSatisfy { Set($0).count == topK }, comment)
    let kept = (0..<plan.copies).filter { plan.isKept($0) }
    for expert in 0..<plan.experts {
        let asked = plan.expert.count { Int($0) == expert }
        let places = kept.filter { Int(plan.expert[$0]) == expert }.map { Int(plan.position[$0]) }
        // Full queues have the places 0, 1, 2 ... without gaps, in the order of the tokens.
        #expect(places == Array(0..<min(asked, capacity ?? asked)), comment)
    }
}
