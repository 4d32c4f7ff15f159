// The running broker: wires router, verifiers, core loop, store, admin socket, metrics and log
// together. Holds no rule about sharing.
#pragma once

#include <memory>
#include <string>

#include "broker/shell/config.hpp"
#include "common/base/log.hpp"

namespace mash::broker_shell {

class BrokerProgram {
public:
    /// Opens the store, reads keys and documents, binds. `problem` says in plain English what to do
    /// about a failure.
    static Result<std::unique_ptr<BrokerProgram>> start(const BrokerConfig& config, Log& log,
                                                        std::string& problem);
    ~BrokerProgram();
    BrokerProgram(const BrokerProgram&) = delete;
    BrokerProgram& operator=(const BrokerProgram&) = delete;

    /// Where agents connect and where metrics are, as really bound.
    std::string bound_text() const;
    /// Reads the documents folder again if a file of it changed. Called now and then by main.
    void look_at_documents();
    /// Measures the disk under the store; what can wait is put off while it is short. Called now
    /// and then by main.
    void look_at_space();
    /// Stops taking frames, finishes what was taken, closes the store.
    void stop();

private:
    struct State;
    explicit BrokerProgram(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace mash::broker_shell
