#include "agents/runtime/shell/core_question.hpp"

namespace mash::runtime_shell {

void hand_to_core(const ApiArea& area, runtime::Input input) {
    area.loop->push(std::move(input));
    if (area.loop->is_in_trouble() && area.loop->trouble() == ErrorCode::disk_full)
        area.replies->give_up(ErrorCode::disk_full);
}

void ask_core(const ApiArea& area, runtime::ApiRequest input,
              const std::function<void(CoreReply)>& then) {
    input.reply = area.replies->expect_api(
        [then](runtime::ApiReply reply) {
            auto json = runtime::json_from_text(reply.json.reveal());
            then({reply.status, json ? std::move(*json) : runtime::Json()});
        },
        [then](ErrorCode) { then({}); });
    hand_to_core(area, {std::move(input), {}});
}

}  // namespace mash::runtime_shell
