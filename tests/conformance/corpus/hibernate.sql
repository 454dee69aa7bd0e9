# Hibernate and Spring Data: short aliases, lower case, parameters everywhere, optimistic updates.
select o1_0.id,o1_0.customer_id,o1_0.note,o1_0.placed_on,o1_0.status from orders o1_0 where o1_0.id=$1 --$ ["1"]
select c1_0.id,c1_0.name,o1_0.customer_id,o1_0.id,o1_0.status from customers c1_0 left join orders o1_0 on c1_0.id=o1_0.customer_id where c1_0.id=$1 --$ ["2"]
select o1_0.id,c1_0.id,c1_0.name,m1_0.id,m1_0.email from orders o1_0 left join customers c1_0 on c1_0.id=o1_0.customer_id left join users m1_0 on m1_0.id=c1_0.manager_id where o1_0.id=$1 --$ ["3"]
select o1_0.id from orders o1_0 where o1_0.status=$1 order by o1_0.placed_on desc,o1_0.id offset $2 rows fetch first $3 rows only --$ ["open", "0", "5"]
select count(o1_0.id) from orders o1_0 where o1_0.status=$1 --$ ["open"]
select count(*) from orders o1_0
select distinct c1_0.id,c1_0.name from customers c1_0 join orders o1_0 on c1_0.id=o1_0.customer_id where o1_0.status in ($1,$2) --$ ["open", "paid"]
select c1_0.id from customers c1_0 where exists(select 1 from orders o1_0 where o1_0.customer_id=c1_0.id and o1_0.status=$1) --$ ["lost"]
select c1_0.id from customers c1_0 where (select count(o1_0.id) from orders o1_0 where c1_0.id=o1_0.customer_id)>$1 --$ ["1"]
select c1_0.name,sum(i1_0.amount) from customers c1_0 join orders o1_0 on c1_0.id=o1_0.customer_id join invoices i1_0 on o1_0.id=i1_0.order_id group by c1_0.id,c1_0.name having sum(i1_0.amount)>$1 order by 2 desc --$ ["1"]
select p1_0.id from products p1_0 where lower(p1_0.name) like lower($1) escape '\' --$ ["%rope%"]
select p1_0.id from products p1_0 where upper(p1_0.name) like $1 escape '' --$ ["ROPE%"]
select p1_0.id from products p1_0 where p1_0.price between $1 and $2 and p1_0.name is not null --$ ["1", "50"]
select u1_0.id from users u1_0 where u1_0.email=$1 fetch first $2 rows only --$ ["user1@acme.example", "1"]
select case when count(u1_0.id)>0 then true else false end from users u1_0 where u1_0.email=$1 --$ ["user2@acme.example"]
select o1_0.id from orders o1_0 where o1_0.placed_on>=$1 and (o1_0.note is null or o1_0.note like $2) --$ ["2024-02-01", "note%"]
select o1_0.id from orders o1_0 where o1_0.id=$1 for no key update --$ ["1"]
select o1_0.id from orders o1_0 where o1_0.id=$1 for update of o1_0 skip locked --$ ["1"]
select o1_0.id from orders o1_0 where o1_0.id=$1 for share --$ ["1"]
select i1_0.order_id,i1_0.line_no,i1_0.quantity from order_items i1_0 where (i1_0.order_id,i1_0.line_no)=($1,$2) --$ ["1", "1"]
select i1_0.order_id,i1_0.line_no from order_items i1_0 where i1_0.order_id = any ($1) --$ ["{1,2,3}"]
select coalesce(max(o1_0.id),0) from orders o1_0
select extract(year from o1_0.placed_on),count(*) from orders o1_0 group by 1 order by 1
select cast(o1_0.placed_on as varchar) from orders o1_0 where o1_0.id=1
select concat(u1_0.full_name,' <',u1_0.email,'>') from users u1_0
select substring(u1_0.email,1,position('@' in u1_0.email)-1) from users u1_0
select p1_0.id,rank() over(order by p1_0.price desc) from products p1_0
with recent(id) as (select o1_0.id from orders o1_0 where o1_0.placed_on>date '2024-04-01') select r.id from recent r
select u1_0.email from users u1_0 union select c1_0.name from customers c1_0
select u1_0.full_name from users u1_0 except select c1_0.name from customers c1_0
insert into customers (country,credit,manager_id,name) values ($1,$2,$3,$4) returning id --$ ["DE", "1", null, "Hib"]
insert into orders (customer_id,note,placed_on,status) values ($1,$2,$3,$4) --$ ["1", "n", "2024-04-04", "open"]
insert into orders(customer_id,status) select c1_0.id,$1 from customers c1_0 where c1_0.country=$2 --$ ["open", "JP"]
insert into products as p1_0(sku,name,price) values ($1,$2,$3) on conflict(org_id,sku) do update set price=excluded.price,name=excluded.name --$ ["sku-3", "Rope", "7"]
update orders set customer_id=$1,note=$2,placed_on=$3,status=$4 where id=$5 --$ ["1", null, "2024-04-04", "paid", "1"]
update orders set status=$1 where id=$2 and status=$3 --$ ["paid", "2", "open"]
update customers c1_0 set credit=(c1_0.credit*1.1) where c1_0.country=$1 --$ ["DE"]
update orders o1_0 set status=$1 where o1_0.customer_id in (select c1_0.id from customers c1_0 where c1_0.country=$2) --$ ["lost", "PE"]
delete from order_items where order_id=$1 and line_no=$2 --$ ["1", "1"]
delete from invoices i1_0 where i1_0.paid=true
delete from orders o1_0 where exists(select 1 from customers c1_0 where c1_0.id=o1_0.customer_id and c1_0.credit is null)
select nextval('orders_id_seq') --~
SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE
SET application_name = 'PostgreSQL JDBC Driver'
SET extra_float_digits = 3
