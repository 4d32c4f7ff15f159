// One area for each suite; its tests share it and tell their items apart by id.
#pragma once

#include <gtest/gtest.h>

#include "tests/integration/area.hpp"

namespace mash::integration {

template <class Suite>
class OnArea : public ::testing::Test {
public:
    static void SetUpTestSuite() {
        held_ = Area::make();
        held_->feed_involvement();
    }
    static void TearDownTestSuite() { held_.reset(); }

protected:
    void SetUp() override { ASSERT_NE(held_, nullptr) << "the area could not be made"; }
    static Area& area() { return *held_; }

private:
    friend Suite;
    OnArea() = default;
    inline static std::unique_ptr<Area> held_;
};

/// A report of the invented child Wren, known to social worker, school and health visitor.
Json missing_wren(const std::string& source_ref);
/// Seats that a report of Wren reaches besides the desk on duty, and the inboxes behind them.
inline const std::map<std::string, std::string> around_wren{{"social-care/sw", "social-care.sw"},
                                                            {"social-care/mco", "social-care.mco"},
                                                            {"teme-meadow/sch", "teme-meadow.sch"},
                                                            {"health/hv", "health.hv"}};
/// "hub/ffd" or "hub/edt": whoever the plan names.
std::string desk_of(const Json& sent);
std::string inbox_of_desk(const std::string& seat);

}  // namespace mash::integration
