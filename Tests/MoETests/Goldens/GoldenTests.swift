import MoE
import TestSupport
import Testing

/// Rules that transformers does not contain; other files can be tried by naming their folder in `EPSIM_GOLDENS`.
@Suite("Routers against published rules")
struct GoldenTests {
    static let cases = CaseFile.all("json", fixtures: "goldens", variable: "EPSIM_GOLDENS")

    /// What checks a file, by the beginning of its name.
    private static let checks: [String: @Sendable (Golden) throws -> Void] = [
        "jacobs": { try $0.checkDenseMixture() },
        "shazeer_noisy": { try $0.checkNoisyTopK() },
        "shazeer_hierarchical": { try $0.checkHierarchy() },
        "shazeer_strictly_balanced": { try $0.checkStrictBalance() },
        "gshard": { try $0.checkGShard() },
        "mesh_top2": { try $0.checkTopTwo("mesh-top-2") },
        "lingvo_top2": { try $0.checkTopTwo("lingvo") },
        "deepspeed_top2": { try $0.checkDeepSpeed() },
        "switch": { try $0.checkSwitch() },
        "ntlb": { try $0.checkNoTokenLeftBehind() },
        "topk_capacity": { try $0.checkTokensChoose() },
        "expert_choice": { try $0.checkExpertChoice(.paper) },
        "expert_choice_mesh": { try $0.checkExpertChoice(.mesh) },
        "megatron_drop_probs": { try $0.checkMegatron(.probability) },
        "megatron_drop_position": { try $0.checkMegatron(.position) },
        "base_assignment": { try $0.checkAssignment() },
        "hash_balanced": { try $0.checkHash() },
        "sinkhorn": { try $0.checkSinkhorn() },
        "deepseek_v2": { try $0.checkDeepSeekV2() },
        "deepseek_v3": { try $0.checkDeepSeekV3() },
        "aux_losses": { try $0.checkAuxiliaryLosses() },
    ]

    @Test func thereAreCases() {
        #expect(!Self.cases.isEmpty)
    }

    @Test(arguments: cases)
    func numbersAgree(file: CaseFile) throws {
        let rule = try #require(file.longestPrefix(among: Self.checks.keys), "no rule has that name")
        try Self.checks[rule]?(Golden(file))
    }
}
