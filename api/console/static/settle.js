function o(e){e.addEventListener("waypost:sent",t=>{let n=t.detail.body;t.preventDefault(),location.assign((e.dataset.goes??"").replace("PROJECT",encodeURIComponent(n.project)))})}export{o as start};
