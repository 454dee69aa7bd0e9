#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "policy/model.h"
#include "pool/fair_shares.h"

namespace bulkhead::pool {

/// The connections to one server that the pools of all its tenants may have together (`server_connections`), on whatever loops they
/// live. Any thread; asked when a connection is opened, closed or wanted, and where one comes back while somebody wants one.
class Budget {
 public:
  /// One pool's part. Owned by it; gone, it holds nothing.
  class Share {
   public:
    /// `granted`: a place has come free for which this has waited, and is held. Called on any thread: posts.
    Share(std::shared_ptr<Budget> budget, int weight, std::function<void()> granted);
    ~Share();
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    /// A place for one more connection. If there is none this waits for `granted`, and idle connections of others are asked for.
    bool take();
    /// The same, but if there is none it was only a question.
    bool try_take();
    void withdraw();  ///< waits no longer
    void give(std::size_t places = 1);
    void set_weight(int weight);

    /// One that is held will soon be given: its connection has been closed here, and the server has not closed its side yet.
    void parts() { ++budget_->parting_; }
    void parted() { --budget_->parting_; }  ///< before it is given

    /// Somebody has no place for a connection, and none is about to be given.
    bool others_wait() const {
      return budget_->waiting_.load(std::memory_order_relaxed) > budget_->parting_.load(std::memory_order_relaxed);
    }
    /// Whether a connection that this has a use for should be given up for them.
    bool yields() const;

   private:
    friend class Budget;
    const std::shared_ptr<Budget> budget_;
    const std::function<void()> granted_;
    FairShares::Place place_;
  };

  void set_places(std::size_t places);
  /// `reclaim` is called, on any thread, when somebody finds no place: it posts a search for connections that are idle.
  void add_reclaimer(std::function<void()> reclaim);

 private:
  void grant();  ///< under mutex_

  std::mutex mutex_;
  FairShares shares_;
  std::map<const FairShares::Member*, Share*> share_of_;
  std::vector<std::function<void()>> reclaimers_;
  std::atomic<std::size_t> waiting_{0};  ///< as shares_ has it
  std::atomic<std::size_t> parting_{0};
};

/// The budgets of all servers, by their names. Any thread; outlives the pools.
class Budgets {
 public:
  /// What every budget is from now on; 0: no limit.
  void set_places(std::size_t places);
  std::shared_ptr<Budget> of(const std::string& server);
  /// For every budget there is and will be: `reclaim(server)`.
  void add_reclaimer(std::function<void(const std::string& server)> reclaim);

 private:
  std::mutex mutex_;
  std::size_t places_ = 0;
  std::map<std::string, std::shared_ptr<Budget>> budgets_;
  std::vector<std::function<void(const std::string& server)>> reclaimers_;
};

}  // namespace bulkhead::pool
